//! The consequence of the claims of others. Pure.
//!
//! Of those that only claim, the one with the lowest process number goes on. It waits until the others have
//! made way, and they claim again only when they see no such claim any more: otherwise it might see one of
//! them whenever it looks. One that holds already is not disturbed.

use super::holder::Holder;

/// What a restore does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nobody else is there: it turns its claims into locks.
    Hold,
    /// Those who are there make way, or turn out to hold: it looks again.
    Await,
    /// It takes its claims back, and begins again.
    MakeWay,
    /// Another one holds a lock: it takes its claims back.
    GiveUp,
}

/// The next step of the session `own_pid`. `is_claimed`: whether it could claim everything.
pub(crate) fn decide(own_pid: i32, is_claimed: bool, others: &[Holder]) -> Step {
    if others.iter().any(|other| other.is_established) {
        return Step::GiveUp;
    }
    if !is_claimed || others.iter().any(|other| other.pid < own_pid) {
        return Step::MakeWay;
    }
    if others.is_empty() {
        Step::Hold
    } else {
        Step::Await
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A restore in the model: the databases it wants, and how far it is.
    #[derive(Debug, Clone)]
    struct Call {
        wants: Vec<u32>,
        state: State,
    }

    #[derive(Debug, Clone, PartialEq)]
    enum State {
        /// It looks before it claims.
        Idle,
        Claimed,
        /// It has looked, and saw these locks.
        Seen(Vec<Holder>),
        Works,
        Refused,
    }

    impl Call {
        fn claims(&self) -> bool {
            matches!(self.state, State::Claimed | State::Seen(_) | State::Works)
        }

        fn shares(&self, other: &Self) -> bool {
            self.wants.iter().any(|name| other.wants.contains(name))
        }
    }

    fn seen(calls: &[Call], own: usize) -> Vec<Holder> {
        let others = calls
            .iter()
            .enumerate()
            .filter(|&(at, other)| at != own && other.claims() && calls[own].shares(other));
        let holder = |(at, other): (usize, &Call)| Holder {
            pid: i32::try_from(at).unwrap(),
            is_established: other.state == State::Works,
            ..Holder::default()
        };
        others.map(holder).collect()
    }

    /// One step of one call, as `attempt` takes it on a server.
    fn go_on(calls: &mut [Call], own: usize) {
        let next = match calls[own].state.clone() {
            State::Idle => match decide(i32::try_from(own).unwrap(), true, &seen(calls, own)) {
                Step::Hold | Step::Await => State::Claimed,
                Step::MakeWay => State::Idle,
                Step::GiveUp => State::Refused,
            },
            State::Claimed => State::Seen(seen(calls, own)),
            State::Seen(others) => match decide(i32::try_from(own).unwrap(), true, &others) {
                Step::Hold => State::Works,
                Step::Await => State::Claimed,
                Step::MakeWay => State::Idle,
                Step::GiveUp => State::Refused,
            },
            done => done,
        };
        calls[own].state = next;
    }

    fn calls() -> impl Strategy<Value = Vec<Call>> {
        let wants = prop::collection::vec(0_u32..4, 1..4);
        prop::collection::vec(wants, 2..5).prop_map(|calls| {
            let call = |wants| Call {
                wants,
                state: State::Idle,
            };
            calls.into_iter().map(call).collect()
        })
    }

    proptest! {
        /// However their steps fall, no two restores work in one database; who is refused is so because
        /// of one that works; and all come to an end.
        #[test]
        fn one_works_and_the_others_are_refused(
            mut calls in calls(),
            order in prop::collection::vec(0_usize..60, 0..200),
        ) {
            let count = calls.len();
            let in_turn = (0..60).map(|step| step / 2);
            for step in order.into_iter().chain(in_turn) {
                go_on(&mut calls, step % count);
                for (at, call) in calls.iter().enumerate() {
                    let works = |other: &Call| other.state == State::Works && other.shares(call);
                    let others = calls.iter().enumerate().filter(|(other, _)| *other != at);
                    let count = others.filter(|(_, other)| works(other)).count();
                    prop_assert!(call.state != State::Works || count == 0, "{calls:?}");
                    prop_assert!(call.state != State::Refused || count > 0, "{calls:?}");
                }
            }
            let is_done = |call: &Call| matches!(call.state, State::Works | State::Refused);
            prop_assert!(calls.iter().all(is_done), "{calls:?}");
        }
    }
}
