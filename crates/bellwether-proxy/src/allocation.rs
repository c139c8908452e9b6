/// The number of buckets: one a basis point.
const BUCKETS: u64 = 10_000;

/// Puts users into buckets, always the same user into the same bucket.
///
/// The bucket is murmur3 (x86, 32 bits, seed 0) over the CBOR pair `[salt, user]`, scaled to 10,000: the allocation
/// that flagd's `fractional` v3 computes for a flag whose key is the salt. A user belongs to the candidate when the
/// bucket is below the share, so a share that grows takes users in and never puts one back, and two proxies with the
/// same salt agree on everybody.
///
/// # Example: a ramp keeps who is in
/// ```
/// use bellwether_proxy::Allocation;
///
/// let allocation = Allocation::new("checkout");
/// let bucket = allocation.bucket(b"user-17");
/// assert_eq!(bucket, allocation.bucket(b"user-17"), "a user stays in their bucket");
/// assert!(bucket < 10_000, "everybody is in at 100 %");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allocation {
    /// The CBOR bytes that stand before the user.
    prefix: Vec<u8>,
}

impl Allocation {
    /// An allocation of its own: users who are early in one are not early in another with a different salt.
    #[must_use]
    pub fn new(salt: &str) -> Self {
        let mut prefix = vec![0x82];
        prefix.extend(text_header(salt.len()));
        prefix.extend(salt.as_bytes());
        Self { prefix }
    }

    /// The bucket of a user, 0 to 9,999.
    #[must_use]
    pub fn bucket(&self, user: &[u8]) -> u16 {
        let bytes = self.prefix.iter().copied().chain(text_header(user.len())).chain(user.iter().copied());
        scale(murmur3(bytes, 0))
    }
}

/// Spreads requests of nobody in particular: SplitMix64, whose every output is equally likely.
///
/// Not a counter that takes every twentieth request: traffic with a period would send the same kind of request to the
/// candidate each time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread(u64);

impl Spread {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The bucket of the next request.
    pub(crate) fn next_bucket(&mut self) -> u16 {
        let [high, ..] = split(self.next());
        scale(high)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The high and the low half.
fn split(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])]
}

/// Multiplies instead of taking a remainder: no bucket is larger than another by more than one hash in 400,000.
fn scale(hash: u32) -> u16 {
    u16::try_from((u64::from(hash) * BUCKETS) >> 32).unwrap_or(u16::MAX)
}

/// The head of a CBOR text string (RFC 8949, section 3): major type 3 and its length in the shortest form.
fn text_header(length: usize) -> impl Iterator<Item = u8> {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let (bytes, used) = match length {
        0..24 => ([0x60 | d, 0, 0, 0, 0], 1),
        24..256 => ([0x78, d, 0, 0, 0], 2),
        256..65_536 => ([0x79, c, d, 0, 0], 3),
        _ => ([0x7a, a, b, c, d], 5),
    };
    bytes.into_iter().take(used)
}

/// MurmurHash3_x86_32 as Austin Appleby published it (SMHasher, public domain).
fn murmur3(bytes: impl Iterator<Item = u8>, seed: u32) -> u32 {
    let (mut hash, mut block, mut length) = (seed, 0_u32, 0_u32);
    for byte in bytes {
        block |= u32::from(byte) << (8 * (length % 4));
        length = length.wrapping_add(1);
        if length.is_multiple_of(4) {
            hash = (hash ^ mix(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
            block = 0;
        }
    }
    // A block of zeros mixes to zero, so nothing is lost where there is no rest.
    hash ^= mix(block) ^ length;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

const fn mix(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur3_passes_the_verification_test_of_its_author() {
        // SMHasher's VerificationTest: the hash of the hashes of [], [0], [0, 1], ... with seeds 256, 255, ...;
        // the expected value stands in its main.cpp.
        let keys: Vec<u8> = (0..=255).collect();
        let hashes = (0..256_u32)
            .flat_map(|length| murmur3(keys.iter().copied().take(length as usize), 256 - length).to_le_bytes());
        assert_eq!(murmur3(hashes, 0), 0xb0f5_7ee3);
    }

    #[test]
    fn murmur3_gives_the_hashes_that_are_published_for_short_texts() {
        // Published with the implementations of Chromium and Guava; seeds 0, 1 and 0x9747b28c.
        for (text, seed, hash) in [
            ("", 0, 0),
            ("", 1, 0x514e_28b7),
            ("test", 0, 0xba6b_d213),
            ("Hello, world!", 0, 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0, 0x2e4f_f723),
            ("aaa", 0x9747_b28c, 0x283e_0130),
        ] {
            assert_eq!(murmur3(text.bytes(), seed), hash, "{text:?} with seed {seed}");
        }
    }

    #[test]
    fn splitmix_gives_the_numbers_that_are_published_for_its_seed() {
        // Seed 1234567, as on Rosetta Code and in the tests of several languages' libraries.
        let mut spread = Spread::new(1_234_567);
        let numbers: Vec<u64> = std::iter::repeat_with(|| spread.next()).take(3).collect();
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn lengths_are_written_as_rfc_8949_says() {
        // RFC 8949, appendix A and section 3.
        for (length, header) in [
            (0, vec![0x60]),
            (23, vec![0x77]),
            (24, vec![0x78, 24]),
            (256, vec![0x79, 1, 0]),
            (65_536, vec![0x7a, 0, 1, 0, 0]),
        ] {
            assert_eq!(text_header(length).collect::<Vec<u8>>(), header, "{length}");
        }
    }

    #[test]
    fn salt_and_user_cannot_be_shifted_into_each_other() {
        assert_ne!(Allocation::new("a").bucket(b"bc"), Allocation::new("ab").bucket(b"c"));
    }

    #[test]
    fn both_ways_of_spreading_fill_the_buckets_evenly() {
        // 100,000 into 100 cells: chi-square with 99 degrees of freedom is below 161 with probability 0.9999.
        let allocation = Allocation::new("checkout");
        let mut spread = Spread::new(1);
        let users: Vec<u16> = (0..100_000).map(|user: u32| allocation.bucket(user.to_string().as_bytes())).collect();
        let requests: Vec<u16> = (0..100_000).map(|_| spread.next_bucket()).collect();
        for buckets in [users, requests] {
            let mut cells = [0_u32; 100];
            buckets.iter().for_each(|bucket| cells[usize::from(*bucket) / 100] += 1);
            let chi_square: f64 = cells.iter().map(|count| (f64::from(*count) - 1_000.0).powi(2) / 1_000.0).sum();
            assert!(chi_square < 161.0, "{chi_square}");
        }
    }
}
