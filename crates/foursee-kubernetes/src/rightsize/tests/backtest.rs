//! Proposals tried on later days.

use super::*;

#[test]
fn a_back_test_counts_what_later_days_would_have_been_denied() {
    let mut events = vec![
        get("configmaps", "settings", "01-01"),
        get("configmaps", "settings", "02-01"),
    ];
    for day in 10..=20 {
        events.push(get("configmaps", "settings", &format!("03-{day}")));
        events.push(get("configmaps", "other", &format!("03-{day}")));
    }
    events.push(get("secrets", "db", "03-30"));
    let facts = world(&list(admin()), &events);
    let backtest = Backtest::parse("59d/30d");
    let found = ask(
        &facts,
        &Ask {
            backtest,
            ..Ask::default()
        },
    );
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    let [tight, types] = one.tried.as_slice() else {
        panic!("{:?}", one.tried)
    };
    assert_eq!(
        (tight.rung, tight.denied, tight.changes, tight.days, tight.blank),
        (Rung::AsUsed, (12, 12), 2, 30, 18)
    );
    assert_eq!(
        (types.rung, types.denied, types.changes),
        (Rung::Scoped, (1, 1), 1)
    );
    assert_eq!(tight.per_30_days(), (12.0, 12.0));
    // What was never seen long enough is said, and nothing is tried.
    let found = ask(
        &facts,
        &Ask {
            backtest: Backtest::parse("60d/30d"),
            ..Ask::default()
        },
    );
    assert!(
        found
            .gaps
            .iter()
            .any(|gap| gap.facet.starts_with("never seen enough")),
        "{:?}",
        found.gaps
    );
    assert!(found.proposals[0].tried.is_empty());
}
