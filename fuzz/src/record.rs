use bellwether_core::{Fence, RolloutId, Time};
use bellwether_port::{Body, Chain, Record, load, replay};

use crate::decision::check_stored;
use crate::forge::Forge;

/// More records than a journal of an input has; what follows is left out.
const RECORDS_MAX: usize = 64;

/// How many changed bytes are tried in each record.
const CHANGES: u64 = 8;

/// Takes bytes as a stored record, and each of their lines as the body of a record in a journal.
///
/// Whatever the bodies say, the journal's bytes verify as long as they are unchanged, a changed byte does not, and reading,
/// loading and replaying always end with a value or an error.
pub fn record(data: &[u8]) -> bool {
    let rollout = rollout(data);
    let is_record = check_raw(&rollout, data);
    let mut forge = Forge::new(rollout.clone());
    let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(RECORDS_MAX);
    let stored: Vec<_> = lines.map(|line| forge.next(Time::default(), Fence::default(), line)).collect();
    let mut chain = Chain::new(rollout.clone());
    let mut records = Vec::new();
    for bytes in &stored {
        check_changed(&chain, bytes);
        let record = chain.read(bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(&record.to_bytes(), bytes, "written as it was read");
        records.push(record);
    }
    check_order(&rollout, &stored);
    check_journal(&rollout, &records);
    let is_read = records.iter().filter(|record| check_body(&rollout, record)).count() == records.len();
    is_record || (is_read && !records.is_empty())
}

/// The rollout that the first line opens, or another one.
fn rollout(data: &[u8]) -> RolloutId {
    let first = data.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let opened = match serde_json::from_slice(first) {
        Ok(Body::Opened(opened)) => Some(opened.plan.id().clone()),
        Ok(Body::Event(_) | Body::Interval(_) | Body::Snapshot(_) | Body::Adopted(_)) | Err(_) => None,
    };
    opened.unwrap_or_else(|| "checkout-42".parse().unwrap_or_else(|error| panic!("{error}")))
}

fn check_raw(rollout: &RolloutId, data: &[u8]) -> bool {
    match Record::from_bytes(rollout, 0, data) {
        Ok(record) => {
            assert_eq!(record.to_bytes(), data, "written as it was read");
            check_body(rollout, &record);
            check_changed(&Chain::new(rollout.clone()), data);
            true
        }
        Err(error) => {
            assert!(error.is_corrupt() || error.is_newer(), "{error}");
            false
        }
    }
}

/// A body is read whole or refused by a place; what was read is written with the same meaning.
fn check_body(rollout: &RolloutId, record: &Record) -> bool {
    let kind = record.kind();
    match record.body(rollout) {
        Ok(body) => {
            assert!(kind.is_none_or(|kind| kind == body.kind()), "{kind:?} was announced");
            check_stored(&body);
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// Cut off, gone on with, or changed in any byte, a record does not verify.
fn check_changed(chain: &Chain, bytes: &[u8]) {
    let refused = |bytes: &[u8]| assert!(chain.clone().verify(bytes).is_err(), "verified although it was changed");
    let mut random = seed(bytes);
    for _ in 0..CHANGES {
        let mut changed = bytes.to_vec();
        let (place, flip) = (next(&mut random) % length(bytes), next(&mut random) % 255 + 1);
        let byte = usize::try_from(place).ok().and_then(|place| changed.get_mut(place));
        let (Some(byte), Ok(flip)) = (byte, u8::try_from(flip)) else { continue };
        *byte ^= flip;
        refused(&changed);
        refused(bytes.get(..usize::try_from(place).unwrap_or(0)).unwrap_or_default());
    }
    refused(&[bytes, &[0]].concat());
}

/// A record that is left out, doubled or taken before another is found.
fn check_order(rollout: &RolloutId, stored: &[Vec<u8>]) {
    let [first, second, ..] = stored else { return };
    let mut chain = Chain::new(rollout.clone());
    assert!(chain.verify(second).is_err(), "the first record is missing");
    assert!(chain.verify(first).is_ok() && chain.verify(first).is_err(), "the first record is doubled");
}

/// Loading goes on from the last snapshot, replaying derives everything: where both agree that the journal is right, they
/// end at the same place.
fn check_journal(rollout: &RolloutId, records: &[Record]) {
    let (loaded, replayed) = (load(rollout, records), replay(rollout, records));
    if let (Ok(loaded), Ok(replayed)) = (&loaded, &replayed) {
        assert_eq!(format!("{:?}", loaded.course), format!("{:?}", replayed.course), "load and replay end together");
    }
    assert!(loaded.is_ok() || replayed.is_err(), "what cannot be loaded cannot be replayed: {loaded:?}");
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// FNV-1a, so that the changes depend on the input alone.
fn seed(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `SplitMix64` by Sebastiano Vigna.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
