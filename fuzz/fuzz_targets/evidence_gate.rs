#![no_main]
//! The target `evidence_gate` for libFuzzer.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bellwether_fuzz::evidence_gate(data);
});
