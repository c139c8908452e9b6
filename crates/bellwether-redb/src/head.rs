use bellwether_core::Digest;
use bellwether_port::{Head, Record};

/// What the store keeps beside the records of a rollout: the last one, and whether the rollout has ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct StoredHead {
    pub(crate) head: Head,
    /// The lease token of the last record; lower ones are refused.
    pub(crate) token: u64,
    pub(crate) closed: bool,
}

/// Number, digest, token, closed.
pub(crate) type HeadBytes = [u8; 49];

impl StoredHead {
    pub(crate) fn of(record: &Record) -> Self {
        let head = Head { seq: record.seq(), digest: record.digest() };
        Self { head, token: record.fence().token, closed: false }
    }

    pub(crate) fn to_bytes(self) -> HeadBytes {
        let mut bytes = [0; 49];
        let numbers = [self.head.seq.to_be_bytes(), self.token.to_be_bytes()];
        let closed = [u8::from(self.closed)];
        let source = numbers.as_flattened().iter().chain(self.head.digest.as_bytes()).chain(&closed);
        bytes.iter_mut().zip(source).for_each(|(byte, from)| *byte = *from);
        bytes
    }

    /// Reads what [`StoredHead::to_bytes`] wrote; `None` for anything else.
    pub(crate) fn from_bytes(bytes: HeadBytes) -> Option<Self> {
        let (seq, rest) = bytes.split_first_chunk()?;
        let (token, rest) = rest.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let closed = match rest {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let head = Head { seq: u64::from_be_bytes(*seq), digest: Digest::from_bytes(*digest) };
        Some(Self { head, token: u64::from_be_bytes(*token), closed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_and_a_flag_that_is_none_is_refused() {
        let head = Head { seq: 7, digest: Digest::from_bytes([9; 32]) };
        for closed in [false, true] {
            let stored = StoredHead { head, token: u64::MAX, closed };
            assert_eq!(StoredHead::from_bytes(stored.to_bytes()), Some(stored));
        }
        let mut bytes = StoredHead { head, token: 1, closed: false }.to_bytes();
        bytes[48] = 2;
        assert_eq!(StoredHead::from_bytes(bytes), None);
    }
}
