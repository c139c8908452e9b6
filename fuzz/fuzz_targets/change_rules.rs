#![no_main]
//! The target `change_rules` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::change_rules(data);
});
