#![no_main]
//! The target `events` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::events(data);
});
