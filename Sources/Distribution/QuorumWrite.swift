public import HashRing

/// Collects the replicas' answers to one request and decides its outcome.
///
/// Rows with the same replicas form a group. The request succeeds once every group has acknowledgements from as many
/// failure domains as its quorum wants, and fails as soon as one group cannot get them any more. A sample that some replicas refuse for
/// good counts as written when a quorum stored it, and as refused when no quorum can store it any more; until
/// either is certain the request waits.
/// Invariant: an outcome, once decided, never changes.
public struct QuorumWrite: Sendable {
    /// Rows that share their replicas.
    public struct Group: Sendable, Equatable {
        /// Positions in the list of the request's targets.
        public var targets: ReplicaSet
        /// Failure domains wanted, 1 to as many as the targets are in.
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
        var stored = TargetMask()
        var failed = TargetMask()
    }

    private struct Dispute {
        var refusals = TargetMask()
        var first: RefusedSample
    }

    public private(set) var outcome = Outcome.waiting
    private let groups: [Group]
    /// For each target, the failure domain it is in.
    private let domains: [UInt32]
    private let groupsOfTarget: [[Int]]
    private var progress: [Progress]
    private var hasAnswered: [Bool]
    private var groupsWithoutQuorum: Int
    private var disputes: [Int: Dispute] = [:]

    /// - Parameter domains: For each target, its failure domain.
    public init(groups: [Group], domains: [UInt32]) {
        var groupsOfTarget = [[Int]](repeating: [], count: domains.count)
        for (index, group) in groups.enumerated() {
            let reachable = TargetMask.all(of: group.targets).domains(of: group.targets, domains)
            precondition(
                (1...max(1, reachable)).contains(group.required),
                "quorum of \(group.required) among \(reachable)"
            )
            for target in group.targets { groupsOfTarget[target].append(index) }
        }
        self.groups = groups
        self.domains = domains
        self.groupsOfTarget = groupsOfTarget
        progress = Array(repeating: Progress(), count: groups.count)
        hasAnswered = Array(repeating: false, count: domains.count)
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
                let had = count(progress[group].stored, in: group) >= groups[group].required
                progress[group].stored.insert(target, of: groups[group].targets)
                let has = count(progress[group].stored, in: group) >= groups[group].required
                if has && !had { groupsWithoutQuorum -= 1 }
            }
            for sample in refused {
                disputes[sample.sample, default: Dispute(first: sample)].refusals
                    .insert(target, of: groups[sample.group].targets)
            }
        case .failed:
            for group in groupsOfTarget[target] {
                progress[group].failed.insert(target, of: groups[group].targets)
            }
            for index in groupsOfTarget[target]
            where mostPossible(in: index) < groups[index].required {
                outcome = .failed(
                    accepted: count(progress[index].stored, in: index),
                    required: groups[index].required
                )
                return
            }
        }
        decide()
    }

    /// Failure domains that acknowledge if all answers that are outstanding are good ones.
    ///
    /// - Parameter refusals: Those that do not count.
    private func mostPossible(
        in group: Int,
        without refusals: TargetMask = TargetMask()
    ) -> Int {
        let all = TargetMask.all(of: groups[group].targets)
        return count(all.subtracting(progress[group].failed).subtracting(refusals), in: group)
    }

    private func count(_ mask: TargetMask, in group: Int) -> Int {
        mask.domains(of: groups[group].targets, domains)
    }

    private mutating func decide() {
        guard groupsWithoutQuorum == 0 else { return }
        var refused: [RefusedSample] = []
        for dispute in disputes.values {
            let group = dispute.first.group
            let required = groups[group].required
            let stored = progress[group].stored.subtracting(dispute.refusals)
            guard count(stored, in: group) < required else { continue }
            guard mostPossible(in: group, without: dispute.refusals) < required else { return }
            refused.append(dispute.first)
        }
        outcome = .acknowledged(refused: refused.sorted { $0.sample < $1.sample })
    }
}

/// Some of a group's targets, by their place in it.
private struct TargetMask {
    private var bits: UInt8 = 0

    static func all(of targets: ReplicaSet) -> TargetMask {
        var mask = TargetMask()
        for target in targets { mask.insert(target, of: targets) }
        return mask
    }

    mutating func insert(_ target: Int, of targets: ReplicaSet) {
        guard let place = targets.firstIndex(of: target) else { return }
        bits |= 1 << UInt8(place)
    }

    func subtracting(_ other: TargetMask) -> TargetMask {
        var mask = self
        mask.bits &= ~other.bits
        return mask
    }

    /// How many failure domains they are in.
    func domains(of targets: ReplicaSet, _ domainOfTarget: [UInt32]) -> Int {
        var count = 0
        for place in targets.indices where bits >> UInt8(place) & 1 == 1 {
            let domain = domainOfTarget[targets[place]]
            let isFirst = !(0..<place).contains {
                bits >> UInt8($0) & 1 == 1 && domainOfTarget[targets[$0]] == domain
            }
            if isFirst { count += 1 }
        }
        return count
    }
}
