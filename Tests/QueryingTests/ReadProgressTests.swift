import TestSupport
import Testing

@testable import Querying

@Suite struct ReadProgressTests {
    /// All ways in which members of a few domains may answer or fail.
    @Test(arguments: 0..<50)
    func `the verdict is the definition's`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let domains = (0..<Int.random(in: 1...7, using: &generator)).map { _ in
            UInt32.random(in: 0..<4, using: &generator)
        }
        let missing = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            UInt32.random(in: 0..<5, using: &generator)
        }
        let tolerated = Int.random(in: 0...2, using: &generator)
        var progress = ReadProgress(Self.set(domains, missing: missing, tolerated: tolerated))
        var lost = Set(missing)
        var open = Array(domains.indices)
        while true {
            let expected: ReadProgress.Verdict =
                if lost.count > tolerated {
                    .incomplete
                } else if open.isEmpty {
                    .complete
                } else if lost.union(open.map { domains[$0] }).count <= tolerated {
                    .enough
                } else {
                    .waiting
                }
            #expect(progress.verdict == expected)
            #expect(progress.outstanding == Set(open))
            guard let member = open.randomElement(using: &generator) else { break }
            open.removeAll { $0 == member }
            let hasAnswered = Bool.random(using: &generator)
            if !hasAnswered { lost.insert(domains[member]) }
            progress.record(member, hasAnswered: hasAnswered)
            // Twice is once.
            progress.record(member, hasAnswered: !hasAnswered)
        }
    }

    private static func set(
        _ domains: [UInt32],
        missing: [UInt32],
        tolerated: Int
    ) -> ReadSet {
        ReadSet(
            members: domains.enumerated().map {
                ReadSet.Member(instance: "\($0)", domain: $1, client: MemoryIngester())
            },
            missing: missing.enumerated().map { ReadSet.Missing(instance: "m\($0)", domain: $1) },
            tolerated: tolerated
        )
    }
}
