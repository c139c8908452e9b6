use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Stores a number as the sixteen hexadecimal digits of its bits.
///
/// JSON has no infinities and many readers are one unit off in the last place of a decimal fraction; a stored process
/// must go on with exactly the bits it had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits(pub(crate) f64);

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0.to_bits()))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = u64::from_str_radix(&text, 16).ok().filter(|_| digits);
        let expected = &"sixteen hexadecimal digits";
        bits.map(|bits| Self(f64::from_bits(bits)))
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&text), expected))
    }
}
