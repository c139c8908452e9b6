#![no_main]
//! The target `fixed_rules` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::fixed_rules(data);
});
