#![no_main]
//! The target `plan` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::plan(data);
});
