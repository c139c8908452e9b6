use bellwether_core::{Finding, Weight};

use super::{note, place::Place};
use crate::complaint::Complaint;

/// A weight out of a whole, in basis points. One that has no whole basis points is rounded down, with a finding; one that
/// would round to nothing is none, because a live exposure must not turn into a hidden one.
pub(super) fn share(place: &Place<'_>, whole: u32, findings: &mut Vec<Finding>) -> Result<Option<Weight>, Complaint> {
    let expected = || place.unexpected(format_args!("a weight from 0 to {whole}"));
    let weight = place.count()?.filter(|weight| *weight <= whole).ok_or_else(expected)?;
    let parts = u64::from(weight).saturating_mul(u64::from(Weight::FULL.basis_points()));
    let whole = u64::from(whole);
    let points = parts.checked_div(whole).and_then(|points| u16::try_from(points).ok()).ok_or_else(expected)?;
    let share = Weight::new(points).map_err(|_| expected())?;
    if share == Weight::ZERO && weight > 0 {
        let why = format!("{weight} of {whole} is less than the smallest share of 0.01 %");
        findings.push(note::refused(place, why));
        return Ok(None);
    }
    if parts.checked_rem(whole).is_some_and(|rest| rest > 0) {
        findings.push(note::changed(place, format!("{weight} of {whole} was rounded down to {share}")));
    }
    Ok(Some(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    fn read(weight: u64, whole: u32) -> (Option<Weight>, usize) {
        let mut findings = Vec::new();
        (share(&Place::root(&Node::Unsigned(weight), "$"), whole, &mut findings).unwrap(), findings.len())
    }

    #[test]
    fn a_weight_becomes_the_same_share_or_is_told() {
        for weight in 0..=100 {
            assert_eq!(read(weight, 100), (Weight::new(u16::try_from(weight).unwrap() * 100).ok(), 0));
            let ninth = u16::try_from(weight * 10_000 / 900).unwrap();
            let exact = weight % 9 == 0;
            assert_eq!(read(weight, 900), (Weight::new(ninth).ok(), usize::from(!exact)), "{weight} of 900");
        }
        assert_eq!(read(1, 10_000), (Weight::new(1).ok(), 0));
        assert_eq!(read(99_999, 100_000), (Weight::new(9_999).ok(), 1), "never rounded up to everything");
        assert_eq!(read(1, 20_000), (None, 1));
        assert_eq!(read(2_147_483_647, 2_147_483_647), (Some(Weight::FULL), 0));
        let beyond = share(&Place::root(&Node::Unsigned(101), "$"), 100, &mut Vec::new()).unwrap_err().to_string();
        assert_eq!(beyond, "$: expected a weight from 0 to 100, found 101");
    }
}
