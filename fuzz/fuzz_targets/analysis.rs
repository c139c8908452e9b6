#![no_main]
//! The target `analysis` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::analysis(data);
});
