#![no_main]
//! The target `series` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::series(data);
});
