public import HashRing

/// Collects the replicas' answers to one request and decides its outcome.
///
/// Rows with the same replicas form a group. The request succeeds once every group has its quorum of
/// acknowledgements, and fails as soon as one group cannot get it any more. A sample that some replicas refuse for
/// good counts as written when a quorum stored it, and as refused when no quorum can store it any more; until
/// either is certain the request waits.
/// Invariant: an outcome, once decided, never changes.
public struct QuorumWrite: Sendable {
    /// Rows that share their replicas.
    public struct Group: Sendable, Equatable {
        /// Positions in the list of the request's targets.
        public var targets: ReplicaSet
        /// Acknowledgements wanted, 1 to as many as there are targets.
        public var required: Int

        public init(targets: ReplicaSet, required: Int) {
            self.targets = targets
            self.required = required
        }
    }

    /// A sample that one replica refused for good.
    public struct RefusedSample: Sendable, Equatable {
        /// Position in the request's columns.
        public var sample: Int
        /// Group of the sample's row.
        public var group: Int
        public var reason: DiscardReason

        public init(sample: Int, group: Int, reason: DiscardReason) {
            self.sample = sample
            self.group = group
            self.reason = reason
        }
    }

    public enum Answer: Sendable, Equatable {
        /// Everything but the named samples is durable there.
        case stored(refused: [RefusedSample])
        case failed
    }

    public enum Outcome: Sendable, Equatable {
        case waiting
        /// All is stored by a quorum but these samples, in order.
        case acknowledged(refused: [RefusedSample])
        case failed(accepted: Int, required: Int)
    }

    private struct Progress {
        var stored = 0
        var failed = 0
    }

    private struct Dispute {
        var refusals: Int
        var first: RefusedSample
    }

    public private(set) var outcome = Outcome.waiting
    private let groups: [Group]
    private let groupsOfTarget: [[Int]]
    private var progress: [Progress]
    private var hasAnswered: [Bool]
    private var groupsWithoutQuorum: Int
    private var disputes: [Int: Dispute] = [:]

    public init(groups: [Group], targetCount: Int) {
        var groupsOfTarget = [[Int]](repeating: [], count: targetCount)
        for (index, group) in groups.enumerated() {
            precondition(
                (1...group.targets.count).contains(group.required),
                "quorum of \(group.required) among \(group.targets.count)"
            )
            for target in group.targets { groupsOfTarget[target].append(index) }
        }
        self.groups = groups
        self.groupsOfTarget = groupsOfTarget
        progress = Array(repeating: Progress(), count: groups.count)
        hasAnswered = Array(repeating: false, count: targetCount)
        groupsWithoutQuorum = groups.count
        decide()
    }

    /// Records one answer; a repeated answer from the same target changes nothing.
    public mutating func record(_ answer: Answer, from target: Int) {
        guard outcome == .waiting, !hasAnswered[target] else { return }
        hasAnswered[target] = true
        switch answer {
        case .stored(let refused):
            for group in groupsOfTarget[target] {
                progress[group].stored += 1
                if progress[group].stored == groups[group].required { groupsWithoutQuorum -= 1 }
            }
            var counted = Set<Int>(minimumCapacity: refused.count)
            for sample in refused where counted.insert(sample.sample).inserted {
                disputes[sample.sample, default: Dispute(refusals: 0, first: sample)].refusals += 1
            }
        case .failed:
            for group in groupsOfTarget[target] { progress[group].failed += 1 }
            for index in groupsOfTarget[target]
            where mostPossible(in: index) < groups[index].required {
                outcome = .failed(
                    accepted: progress[index].stored,
                    required: groups[index].required
                )
                return
            }
        }
        decide()
    }

    /// Acknowledgements the group gets if all that are outstanding come.
    private func mostPossible(in group: Int) -> Int {
        groups[group].targets.count - progress[group].failed
    }

    private mutating func decide() {
        guard groupsWithoutQuorum == 0 else { return }
        var refused: [RefusedSample] = []
        for dispute in disputes.values {
            let group = dispute.first.group
            let required = groups[group].required
            guard progress[group].stored - dispute.refusals < required else { continue }
            guard mostPossible(in: group) - dispute.refusals < required else { return }
            refused.append(dispute.first)
        }
        outcome = .acknowledged(refused: refused.sorted { $0.sample < $1.sample })
    }
}
