#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| foursee_fuzz::target("usage")(data));
