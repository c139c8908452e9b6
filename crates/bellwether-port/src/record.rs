use bellwether_core::{Digest, Fence, RolloutId, Time};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{Body, BodyKind, Fault, NotFinite, RecordError, SCHEMA, canonical_json};
use bellwether_rollout::RULES;

/// Separates these hashes from all others.
const TAG: &[u8] = b"bellwether journal record 1";

/// The stored form that this build writes and reads.
const FORM: u8 = 1;

/// The stored bytes before the body: form, length of the body, number, time, token, generation, two digests.
const HEADER: usize = 1 + 4 + 8 + 8 + 8 + 8 + 32 + 32;

/// One link of a journal: who wrote what when, sealed by a digest over its bytes and those of the record before.
///
/// A record can only be had from a [`Chain`](crate::Chain) or by reading bytes whose digest is right. Its body stays
/// bytes until somebody asks for it, so a journal is verified without being parsed.
///
/// # Example: a record and its stored form
/// ```
/// use bellwether_core::{Arms, Fence, Level, Release, Target, Time, Version};
/// use bellwether_port::{Body, Chain, Opened, Record};
/// use bellwether_strategy::for_level;
///
/// let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
/// let release = Release::new("checkout-42".parse()?, "checkout".parse()?, arms, Level::Medium);
/// let plan = for_level(release.level).plan(&release, &Target::default())?.outcome;
/// let rollout = plan.id().clone();
///
/// let body = Body::from(Opened::new(plan));
/// let record = Chain::new(rollout.clone()).next(Time::default(), Fence::default(), &body)?;
/// let mut bytes = record.to_bytes();
/// assert_eq!(Record::from_bytes(&rollout, 0, &bytes)?, record);
/// assert_eq!(record.body(&rollout)?, body);
///
/// bytes[200] ^= 1;
/// let error = Record::from_bytes(&rollout, 0, &bytes).unwrap_err().to_string();
/// assert!(error.starts_with("journal checkout-42, record 0: expected digest "), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    header: Header,
    digest: Digest,
    json: Vec<u8>,
}

/// What stands beside a record's body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) seq: u64,
    pub(crate) at: Time,
    pub(crate) fence: Fence,
    pub(crate) previous: Digest,
}

impl Record {
    pub(crate) fn seal(rollout: &RolloutId, header: Header, body: &Body) -> Result<Self, NotFinite> {
        let json = canonical_json(body)?;
        let digest = digest(rollout, &header.to_bytes(), &json);
        Ok(Self { header, digest, json })
    }

    /// Its number, from 0.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.header.seq
    }

    /// When it was written.
    #[must_use]
    pub const fn at(&self) -> Time {
        self.header.at
    }

    /// Who wrote it (the lease token), and how often the wanted route had changed by then.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        self.header.fence
    }

    /// The digest of the record before; zero for the first one.
    #[must_use]
    pub const fn previous(&self) -> Digest {
        self.header.previous
    }

    /// The digest over everything before, this record included.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The body as canonical JSON.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The kind of the body, read off its first bytes; absent for a kind that this build does not know.
    #[must_use]
    pub fn kind(&self) -> Option<BodyKind> {
        BodyKind::peek(&self.json)
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Newer schema or rules than this build knows, or the place of what it cannot read. `rollout` is the journal that
    /// the error names.
    pub fn body(&self, rollout: &RolloutId) -> Result<Body, RecordError> {
        let fail = |fault| RecordError::new(rollout.clone(), self.header.seq, fault);
        check_versions(&self.json).map_err(fail)?;
        serde_json::from_slice(&self.json).map_err(|_| fail(self.unreadable()))
    }

    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER.saturating_add(self.json.len()));
        bytes.push(FORM);
        bytes.extend_from_slice(&u32::try_from(self.json.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(&self.header.to_bytes());
        bytes.extend_from_slice(self.digest.as_bytes());
        bytes.extend_from_slice(&self.json);
        bytes
    }

    /// Reads the stored form of the record of that number, and computes its digest.
    ///
    /// # Errors
    /// The [`Fault`] of the bytes.
    pub fn from_bytes(rollout: &RolloutId, seq: u64, bytes: &[u8]) -> Result<Self, RecordError> {
        let frame = Frame::verified(rollout, seq, bytes)?;
        Ok(Self { header: frame.header, digest: frame.digest, json: frame.json.to_vec() })
    }

    /// Parses once more, this time with the place of the error.
    fn unreadable(&self) -> Fault {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.json);
        match serde_path_to_error::deserialize::<_, Body>(&mut deserializer).err() {
            Some(error) => Fault::Unreadable { at: format!("$.{}", error.path()), error: error.inner().to_string() },
            None => Fault::Unreadable { at: "$".into(), error: "expected one JSON value, found more".into() },
        }
    }
}

impl Header {
    fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let numbers = [
            self.seq.to_be_bytes(),
            self.at.unix_millis().to_be_bytes(),
            self.fence.token.to_be_bytes(),
            self.fence.generation.to_be_bytes(),
        ];
        let source = numbers.as_flattened().iter().chain(self.previous.as_bytes());
        bytes.iter_mut().zip(source).for_each(|(byte, from)| *byte = *from);
        bytes
    }
}

/// A record's stored bytes, taken apart in place.
pub(crate) struct Frame<'a> {
    pub(crate) header: Header,
    pub(crate) digest: Digest,
    json: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Takes the bytes apart and computes their digest.
    pub(crate) fn verified(rollout: &RolloutId, seq: u64, bytes: &'a [u8]) -> Result<Self, RecordError> {
        Self::read(rollout, seq, bytes).map_err(|fault| RecordError::new(rollout.clone(), seq, fault))
    }

    fn read(rollout: &RolloutId, seq: u64, bytes: &'a [u8]) -> Result<Self, Fault> {
        let torn = Fault::Torn { expected: HEADER, found: bytes.len() };
        let (&[form], rest) = bytes.split_first_chunk().ok_or(torn.clone())?;
        if form != FORM {
            return Err(Fault::Form { expected: FORM, found: form });
        }
        let (length, rest) = rest.split_first_chunk().ok_or(torn.clone())?;
        let (header, rest) = rest.split_first_chunk::<64>().ok_or(torn.clone())?;
        let (sealed, json) = rest.split_first_chunk().ok_or(torn)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (expected, found) = (HEADER.saturating_add(length), bytes.len());
        match json.len().cmp(&length) {
            std::cmp::Ordering::Less => return Err(Fault::Torn { expected, found }),
            std::cmp::Ordering::Greater => return Err(Fault::Trailing { expected, found }),
            std::cmp::Ordering::Equal => {}
        }
        let (expected, found) = (Digest::from_bytes(*sealed), digest(rollout, header, json));
        if expected != found {
            return Err(Fault::Altered { expected, found });
        }
        let header = read_header(header);
        if header.seq != seq {
            return Err(Fault::Gap { expected: seq, found: header.seq });
        }
        Ok(Self { header, digest: found, json })
    }
}

fn read_header(bytes: &[u8; 64]) -> Header {
    let (numbers, previous) = bytes.split_at(32);
    let mut numbers = numbers.as_chunks::<8>().0.iter().copied();
    let mut next = || numbers.next().unwrap_or_default();
    let seq = u64::from_be_bytes(next());
    let at = Time::from_unix_millis(i64::from_be_bytes(next()));
    let fence = Fence { token: u64::from_be_bytes(next()), generation: u64::from_be_bytes(next()) };
    let previous = Digest::from_bytes(previous.try_into().unwrap_or_default());
    Header { seq, at, fence, previous }
}

/// The link's hash. The rollout's length stands before it, so that no two different inputs have the same bytes.
fn digest(rollout: &RolloutId, header: &[u8; 64], json: &[u8]) -> Digest {
    let rollout = rollout.as_str().as_bytes();
    let length = u64::try_from(rollout.len()).unwrap_or(u64::MAX);
    let hash = Sha256::new().chain_update(TAG).chain_update(length.to_be_bytes()).chain_update(rollout);
    Digest::from_bytes(hash.chain_update(header).chain_update(json).finalize().into())
}

/// Only what says whether the rest can be read.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Versioned {
    Opened(Versions),
    Adopted(Versions),
}

#[derive(Deserialize)]
struct Versions {
    schema: u32,
    rules: u32,
}

/// Looks for a newer schema before everything else is read: a newer record need not have a shape that is known here.
fn check_versions(json: &[u8]) -> Result<(), Fault> {
    match BodyKind::peek(json) {
        Some(BodyKind::Opened | BodyKind::Adopted) => {}
        Some(BodyKind::Event | BodyKind::Interval | BodyKind::Snapshot) | None => return Ok(()),
    }
    let Ok(Versioned::Opened(versions) | Versioned::Adopted(versions)) = serde_json::from_slice(json) else {
        return Ok(()); // the full reading names the place
    };
    if versions.schema > SCHEMA {
        return Err(Fault::NewerSchema { expected: SCHEMA, found: versions.schema });
    }
    if versions.rules > RULES {
        return Err(Fault::NewerRules { expected: RULES, found: versions.rules });
    }
    Ok(())
}
