import Distribution
import HashRing
import Testing

@Suite struct QuorumWriteTests {
    @Test(arguments: [
        ([true, true], QuorumWrite.Outcome.acknowledged(refused: [])),
        ([true, false], .waiting), ([false, true, true], .acknowledged(refused: [])),
        ([false, false], .failed(accepted: 0, required: 2)),
        ([true, false, false], .failed(accepted: 1, required: 2)), ([], .waiting),
    ])
    func `outcome follows the majority`(answers: [Bool], expected: QuorumWrite.Outcome) {
        var write = Self.write()
        for (target, isStored) in answers.enumerated() {
            write.record(isStored ? .stored(refused: []) : .failed, from: target)
        }
        #expect(write.outcome == expected)
    }

    @Test func `a repeated answer from the same replica changes nothing`() {
        var write = Self.write()
        for _ in 0..<3 { write.record(.stored(refused: []), from: 0) }
        #expect(write.outcome == .waiting)
        write.record(.failed, from: 0)
        write.record(.failed, from: 1)
        #expect(write.outcome == .waiting)
    }

    @Test func `every group needs its quorum`() {
        var write = QuorumWrite(
            groups: [
                QuorumWrite.Group(targets: ReplicaSet([0, 1, 2]), required: 2),
                QuorumWrite.Group(targets: ReplicaSet([1, 2, 3]), required: 2),
            ],
            domains: [0, 1, 2, 3]
        )
        write.record(.stored(refused: []), from: 0)
        write.record(.stored(refused: []), from: 1)
        #expect(write.outcome == .waiting)
        write.record(.stored(refused: []), from: 3)
        #expect(write.outcome == .acknowledged(refused: []))
    }

    @Test func `one group without a quorum fails the request at once`() {
        var write = QuorumWrite(
            groups: [
                QuorumWrite.Group(targets: ReplicaSet([0, 1, 2]), required: 2),
                QuorumWrite.Group(targets: ReplicaSet([2, 3, 4]), required: 2),
            ],
            domains: [0, 1, 2, 3, 4]
        )
        write.record(.failed, from: 3)
        write.record(.failed, from: 4)
        #expect(write.outcome == .failed(accepted: 0, required: 2))
        for target in 0..<3 { write.record(.stored(refused: []), from: target) }
        #expect(write.outcome == .failed(accepted: 0, required: 2))
    }

    @Test func `a sample that replicas disagree on waits for the last one`() {
        let refusal = QuorumWrite.RefusedSample(sample: 4, group: 0, reason: .outOfOrder)
        var write = Self.write()
        write.record(.stored(refused: [refusal]), from: 0)
        write.record(.stored(refused: []), from: 1)
        #expect(write.outcome == .waiting)
        var storedByLast = write
        storedByLast.record(.stored(refused: []), from: 2)
        #expect(storedByLast.outcome == .acknowledged(refused: []))
        var refusedByLast = write
        refusedByLast.record(.stored(refused: [refusal, refusal]), from: 2)
        #expect(refusedByLast.outcome == .acknowledged(refused: [refusal]))
        write.record(.failed, from: 2)
        #expect(write.outcome == .acknowledged(refused: [refusal]))
    }

    @Test func `copies in one zone count once`() {
        let group = QuorumWrite.Group(targets: ReplicaSet([0, 1, 2]), required: 2)
        var write = QuorumWrite(groups: [group], domains: [7, 7, 9])
        write.record(.stored(refused: []), from: 0)
        write.record(.stored(refused: []), from: 1)
        #expect(write.outcome == .waiting)
        var answered = write
        answered.record(.stored(refused: []), from: 2)
        #expect(answered.outcome == .acknowledged(refused: []))
        write.record(.failed, from: 2)
        #expect(write.outcome == .failed(accepted: 1, required: 2))
    }

    @Test
    func `a sample that all of one zone refused is refused where no other two zones can have it`() {
        let refusal = QuorumWrite.RefusedSample(sample: 1, group: 0, reason: .tooOld)
        let group = QuorumWrite.Group(targets: ReplicaSet([0, 1, 2]), required: 2)
        var write = QuorumWrite(groups: [group], domains: [7, 7, 9])
        write.record(.stored(refused: [refusal]), from: 0)
        write.record(.stored(refused: []), from: 2)
        #expect(write.outcome == .waiting)
        var stored = write
        stored.record(.stored(refused: []), from: 1)
        #expect(stored.outcome == .acknowledged(refused: []))
        write.record(.stored(refused: [refusal]), from: 1)
        #expect(write.outcome == .acknowledged(refused: [refusal]))
    }

    @Test func `nothing to store is done`() {
        #expect(
            QuorumWrite(groups: [], domains: []).outcome == .acknowledged(refused: [])
        )
    }

    /// All answers of one to four replicas in all orders: the outcome is never wrong, and never late.
    @Test(arguments: 1...4)
    func `outcome is the definition's as soon as it is certain`(replicas: Int) {
        let required = replicas / 2 + 1
        for answers in Self.words(length: replicas) {
            var write = QuorumWrite(
                groups: [
                    QuorumWrite.Group(targets: ReplicaSet(0..<replicas), required: required)
                ],
                domains: (0..<replicas).map(UInt32.init)
            )
            for count in 0...replicas {
                let seen = Array(answers[..<count])
                #expect(Self.class(of: write.outcome) == Self.certain(seen, of: replicas, required))
                if count < replicas { write.record(Self.answer(answers[count]), from: count) }
            }
        }
    }

    private enum Given: CaseIterable {
        case stored, refused, failed
    }

    private enum Class: Equatable {
        case waiting, written, refused, failed
    }

    /// What holds whatever the others will answer; waiting where that is not one thing.
    private static func certain(_ seen: [Given], of replicas: Int, _ required: Int) -> Class {
        let acknowledged = seen.count { $0 != .failed }
        let stored = seen.count { $0 == .stored }
        let open = replicas - seen.count
        if acknowledged + open < required { return .failed }
        guard acknowledged >= required else { return .waiting }
        if stored >= required { return .written }
        return stored + open < required ? .refused : .waiting
    }

    private static func `class`(of outcome: QuorumWrite.Outcome) -> Class {
        switch outcome {
        case .waiting: .waiting
        case .acknowledged(let refused): refused.isEmpty ? .written : .refused
        case .failed: .failed
        }
    }

    private static func answer(_ given: Given) -> QuorumWrite.Answer {
        switch given {
        case .stored: .stored(refused: [])
        case .refused:
            .stored(refused: [QuorumWrite.RefusedSample(sample: 0, group: 0, reason: .tooOld)])
        case .failed: .failed
        }
    }

    private static func words(length: Int) -> [[Given]] {
        guard length > 0 else { return [[]] }
        return words(length: length - 1).flatMap { word in Given.allCases.map { word + [$0] } }
    }

    private static func write() -> QuorumWrite {
        QuorumWrite(
            groups: [QuorumWrite.Group(targets: ReplicaSet([0, 1, 2]), required: 2)],
            domains: [0, 1, 2]
        )
    }
}
