#![no_main]
//! The target `canary` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::canary(data);
});
