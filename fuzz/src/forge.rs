use bellwether_core::{Digest, Fence, RolloutId, Time};
use sha2::{Digest as _, Sha256};

/// Writes the stored form of records from any body, readable or not, with the digests that make the chain whole.
///
/// It is written from the description of the form and shares no code with the crate that reads it.
pub(crate) struct Forge {
    rollout: RolloutId,
    seq: u64,
    previous: Digest,
}

impl Forge {
    pub(crate) const fn new(rollout: RolloutId) -> Self {
        Self { rollout, seq: 0, previous: Digest::ZERO }
    }

    /// The stored form of the next record: its form, the length of the body, its header, its digest, its body.
    pub(crate) fn next(&mut self, at: Time, fence: Fence, json: &[u8]) -> Vec<u8> {
        let mut header = Vec::from(self.seq.to_be_bytes());
        header.extend(at.unix_millis().to_be_bytes());
        header.extend(fence.token.to_be_bytes());
        header.extend(fence.generation.to_be_bytes());
        header.extend(self.previous.as_bytes());
        let rollout = self.rollout.as_str().as_bytes();
        let mut hashed = Vec::from(b"bellwether journal record 1");
        hashed.extend(u64::try_from(rollout.len()).unwrap_or(u64::MAX).to_be_bytes());
        hashed.extend(rollout);
        hashed.extend(&header);
        hashed.extend(json);
        self.previous = Digest::from_bytes(Sha256::digest(&hashed).into());
        self.seq += 1;
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes();
        [&[1], length.as_slice(), &header, self.previous.as_bytes(), json].concat()
    }
}
