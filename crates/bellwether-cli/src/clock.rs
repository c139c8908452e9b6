use std::time::SystemTime;

use bellwether_core::Time;

use crate::complaint::Complaint;

/// The clock of the machine: the only one that the command reads, and only where nobody says what time it is.
pub(crate) fn system_time() -> Result<Time, Complaint> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.ok().and_then(|since| i64::try_from(since.as_millis()).ok());
    let broken = || Complaint::new("unreadable", "", "expected a clock that shows a time after 1970, found another");
    millis.map(Time::from_unix_millis).ok_or_else(broken)
}
