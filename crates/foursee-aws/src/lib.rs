//! What AWS IAM says about who may do what, exactly what it means, and what is wrong with it. No network client.
