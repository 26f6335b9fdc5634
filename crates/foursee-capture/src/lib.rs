//! What a capture is: reading files, folders and archives of documents.
