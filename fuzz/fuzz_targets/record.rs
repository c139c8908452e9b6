#![no_main]
//! The target `record` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::record(data);
});
