import ClusterInterface
import MetricsModel
import TestSupport
import Testing

@testable import Distribution

@Suite struct HAElectionTests {
    private static let start: Int64 = 1_700_000_000_000
    private let settings = HATrackerSettings()
    private let cluster = HAClusterID(tenant: .anonymous, cluster: "eu")

    private func row(
        _ replica: String,
        version: Int64 = 1,
        startTime: Int64 = .min,
        newestSample: Int64 = .min,
        receivedAge: Int64 = 0
    ) -> HAElectionRow {
        HAElectionRow(
            tenant: .anonymous,
            cluster: "eu",
            replica: replica,
            version: version,
            startTime: startTime,
            newestSample: newestSample,
            receivedAge: receivedAge,
            electedAge: 0
        )
    }

    /// One that has elected `a`, whose newest sample is stored, at the start.
    private func elected() -> Known {
        let election = Known(cluster)
        #expect(election.adopt(row("a"), at: Self.start))
        election.noteStored(from: "a", newestSample: Self.start)
        return election
    }

    @Test func `the first replica is to be elected, and its samples are then taken`() {
        let election = Known(cluster)
        let first = election.receive(
            from: "a",
            newestSample: nil,
            at: Self.start,
            by: settings
        )
        #expect(first == .elect)
        let change = election.change(electing: "a")
        #expect(change.expectedVersion == nil && change.startTime == .min)
        _ = election.adopt(row("a"), at: Self.start)
        for (replica, expected) in [
            ("a", HAElection.Decision.accept(after: nil)), ("b", .deduplicate),
        ] {
            let decision = election.receive(
                from: replica,
                newestSample: Self.start,
                at: Self.start,
                by: settings
            )
            #expect(decision == expected)
        }
    }

    @Test(arguments: [
        // Silence and distance of samples, in milliseconds.
        (30_000, 30_001, false), (30_001, 30_000, false), (30_001, 30_001, true),
        (300_000, 30_000, false), (30_000, 300_000, false), (600_000, -5, false),
    ])
    func `another replica is elected only after both timeouts`(
        silence: Int64,
        distance: Int64,
        isElected: Bool
    ) {
        let election = elected()
        let decision = election.receive(
            from: "b",
            newestSample: Self.start + distance,
            // Samples are never newer than their receipt.
            at: Self.start + silence,
            by: settings
        )
        let expected = isElected && distance <= silence
        #expect(decision == (expected ? .elect : .deduplicate))
    }

    @Test
    func `without a sample timeout silence alone elects, and a request without samples never does`()
    {
        var settings = settings
        settings.sampleFailoverTimeoutMilliseconds = 0
        let election = elected()
        let late = Self.start + 30_001
        #expect(
            election.receive(from: "b", newestSample: nil, at: late, by: settings) == .deduplicate
        )
        #expect(
            election.receive(from: "b", newestSample: Self.start - 90_000, at: late, by: settings)
                == .elect
        )
    }

    @Test func `a new replica's samples count from the last one that is stored of the old one`() {
        let election = elected()
        let change = election.change(electing: "b")
        #expect(change.startTime == Self.start && change.expectedVersion == 1)
        // Others took more of the old one than the writer knew.
        election.noteStored(from: "a", newestSample: Self.start + 700)
        #expect(
            election.adopt(row("b", version: 2, startTime: Self.start), at: Self.start + 40_000)
        )
        let decision = election.receive(
            from: "b",
            newestSample: Self.start + 40_000,
            at: Self.start + 40_000,
            by: settings
        )
        #expect(decision == .accept(after: Self.start + 700))
        // What was on its way from the old one changes nothing.
        election.noteStored(from: "a", newestSample: Self.start + 90_000)
        #expect(election.elected?.newestSample == .min)
    }

    @Test func `what the store told before is not taken over again`() {
        let election = elected()
        #expect(election.adopt(row("b", version: 5), at: Self.start))
        #expect(!election.adopt(row("a", version: 4), at: Self.start))
        #expect(!election.adopt(row("a", version: 5), at: Self.start))
        #expect(election.elected?.replica == "b")
        // Unless it is what the store holds in place of a newer version: it was restored.
        #expect(!election.adopt(row("a", version: 4), insteadOf: 4, at: Self.start))
        #expect(election.adopt(row("a", version: 4), insteadOf: 5, at: Self.start))
        #expect(election.change(electing: "c").expectedVersion == 4)
        election.forgetRow()
        #expect(election.change(electing: "c").expectedVersion == nil)
    }

    @Test func `a clock that goes back neither elects nor keeps a silent replica for ever`() {
        let election = elected()
        let early = Self.start - 7 * 86_400_000
        #expect(
            election.receive(from: "b", newestSample: early, at: early, by: settings)
                == .deduplicate
        )
        // From here on the timeouts run anew.
        #expect(
            election.receive(
                from: "b",
                newestSample: early + 30_000,
                at: early + 30_000,
                by: settings
            ) == .deduplicate
        )
        #expect(
            election.receive(
                from: "b",
                newestSample: early + 30_001,
                at: early + 30_001,
                by: settings
            ) == .elect
        )
    }

    @Test func `a clock that leaps ahead elects nobody while samples say that both are alive`() {
        let election = elected()
        let decision = election.receive(
            from: "b",
            newestSample: Self.start + 15_000,
            at: Self.start + 86_400_000,
            by: settings
        )
        #expect(decision == .deduplicate)
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 0, .max])
    func `no number of a sender, a row or a clock traps`(number: Int64) {
        for now in [Int64.min, 0, Self.start, .max] {
            let election = Known(cluster)
            _ = election.receive(from: "a", newestSample: number, at: now, by: settings)
            _ = election.adopt(
                row("a", startTime: number, newestSample: number, receivedAge: number),
                at: now
            )
            for replica in ["a", "b"] {
                _ = election.receive(from: replica, newestSample: number, at: now, by: settings)
                _ = election.receive(from: replica, newestSample: number, at: -5, by: settings)
            }
            _ = election.refresh(at: now, jitter: 5000, by: settings)
            _ = election.refresh(at: .max, jitter: 5000, by: settings)
            #expect(election.isSilent(for: 5, at: .max) || number == .max || now == .max)
        }
    }

    @Test func `replicas that were heard are remembered up to a number, the last one last`() {
        let election = elected()
        for number in 0..<1000 {
            let name = "r\(number)"
            _ = election.receive(
                from: name,
                newestSample: 0,
                at: Self.start + Int64(number),
                by: settings
            )
        }
        #expect(election.seen.count == HAElection.maximumSeen)
        #expect(election.seen.last?.replica == "r999")
        _ = election.receive(from: "r990", newestSample: 0, at: Self.start + 1000, by: settings)
        #expect(election.seen.last?.replica == "r990")
        #expect(election.seen.count == HAElection.maximumSeen)
    }

    @Test func `the store is told what was heard after the update timeout, and only then`() {
        let election = elected()
        // The sample that was stored is news, but not yet.
        #expect(election.refresh(at: Self.start + 20_000, jitter: 5000, by: settings) == nil)
        let first = election.refresh(at: Self.start + 20_001, jitter: 5000, by: settings)
        #expect(first?.newestSample == Self.start && first?.receivedAge == 20_001)
        #expect(first?.replica == "a" && first?.expectedVersion == 1)
        let told = row("a", version: 2, newestSample: Self.start, receivedAge: 20_004)
        #expect(!election.adopt(told, at: Self.start + 20_001))
        // Nothing was heard since; that ages lose a little is no news.
        #expect(election.refresh(at: Self.start + 90_000, jitter: 5000, by: settings) == nil)
        _ = election.receive(
            from: "a",
            newestSample: nil,
            at: Self.start + 91_000,
            by: settings
        )
        #expect(election.refresh(at: Self.start + 91_000, jitter: 5000, by: settings) != nil)
    }
}

/// An election that expectations may ask and change.
private final class Known {
    private(set) var election: HAElection

    init(_ cluster: HAClusterID) { election = HAElection(cluster) }

    var elected: HAElection.Elected? { election.elected }
    var seen: [HAElection.Seen] { election.seen }

    func receive(
        from replica: String,
        newestSample: Int64?,
        at now: Int64,
        by settings: HATrackerSettings
    ) -> HAElection.Decision {
        election.receive(from: replica, newestSample: newestSample, at: now, by: settings)
    }

    func noteStored(from replica: String, newestSample: Int64) {
        election.noteStored(from: replica, newestSample: newestSample)
    }

    func change(electing replica: String) -> HAElectionChange {
        election.change(electing: replica)
    }

    func refresh(
        at now: Int64,
        jitter: Int64,
        by settings: HATrackerSettings
    ) -> HAElectionChange? {
        election.refresh(at: now, jitter: jitter, by: settings)
    }

    func adopt(_ row: HAElectionRow, insteadOf expected: Int64? = nil, at now: Int64) -> Bool {
        election.adopt(row, insteadOf: expected, at: now)
    }

    func forgetRow() { election.forgetRow() }

    func isSilent(for time: Int64, at now: Int64) -> Bool { election.isSilent(for: time, at: now) }
}
