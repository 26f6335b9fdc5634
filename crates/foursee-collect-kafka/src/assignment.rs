//! A member's assignment in the consumer protocol: version, topics with partitions, data of its own.
//!
//! Source: `ConsumerProtocolAssignment.json` of Kafka. Members make it, so it is read with every length checked.

use crate::documents::Assigned;

/// The partitions of an assignment; none where it is not one.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Assigned>> {
    let mut rest = bytes;
    let version = i16::from_be_bytes(take(&mut rest)?);
    if version < 0 {
        return None;
    }
    let mut all = Vec::new();
    for _ in 0..count(&mut rest)? {
        let length = usize::try_from(i16::from_be_bytes(take(&mut rest)?)).ok()?;
        let (name, after) = rest.split_at_checked(length)?;
        rest = after;
        let topic = std::str::from_utf8(name).ok()?;
        for _ in 0..count(&mut rest)? {
            let partition = i32::from_be_bytes(take(&mut rest)?);
            all.push(Assigned {
                topic: topic.to_owned(),
                partition,
            });
        }
    }
    Some(all)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*head)
}

fn count(rest: &mut &[u8]) -> Option<u32> {
    u32::try_from(i32::from_be_bytes(take(rest)?)).ok()
}

#[cfg(test)]
mod tests {
    use super::read;

    fn assignment() -> Vec<u8> {
        let mut bytes = vec![0, 3, 0, 0, 0, 1, 0, 2];
        bytes.extend(b"ab");
        bytes.extend([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff]);
        bytes
    }

    #[test]
    fn topics_and_partitions_are_read() {
        let all = read(&assignment()).unwrap();
        let shown: Vec<(&str, i32)> = all.iter().map(|one| (&*one.topic, one.partition)).collect();
        assert_eq!(shown, [("ab", 0), ("ab", 7)]);
    }

    #[test]
    fn cut_off_or_lying_ones_are_none() {
        let whole = assignment();
        for end in 0..whole.len() - 4 {
            assert!(read(&whole[..end]).is_none(), "{end}");
        }
        assert!(read(&[0, 0, 0x7f, 0xff, 0xff, 0xff]).is_none());
        assert!(read(&[0, 0, 0xff, 0xff, 0xff, 0xff]).is_none());
    }
}
