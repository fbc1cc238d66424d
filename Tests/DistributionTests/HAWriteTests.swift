import ClusterInterface
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

@testable import Distribution

/// Requests of pairs of senders, on their way through distributors.
@Suite struct HAWriteTests {
    private let start = SenderPair.start
    private let cluster = HAClusterID(tenant: .anonymous, cluster: "eu")

    @Test func `of two senders one's samples are stored, without the replica label`() async throws {
        let pair = SenderPair()
        for step in 0..<10 as Range<Int64> {
            let time = start + step * 15_000
            let stored = try await pair.push(SenderPair.scrape(by: "a", at: time), at: time)
            #expect(stored.samplesWritten == 3 && !stored.isDeduplicated)
            let other = try await pair.push(
                SenderPair.scrape(by: "b", at: time + 200),
                at: time + 300
            )
            #expect(other.isDeduplicated && other.samplesWritten == 0 && other.isComplete)
        }
        for series in 0..<3 {
            let samples = await pair.samples(series: series)
            #expect(samples.map(\.0) == (0..<10).map { start + $0 * 15_000 })
            let value = SenderPair.value(of: "a", series: series)
            #expect(samples.allSatisfy { $0.1 == value })
        }
        let expected = Set(
            (0..<3).map {
                (["__name__": "up", "cluster": "eu", "pod": "pod-\($0)"] as Labels).key
            }
        )
        #expect(pair.keys == expected)
        let deduped = "engram_distributor_deduped_samples_total"
        #expect(pair.metrics.count(deduped, "tenant=anonymous", "cluster=eu") == 30)
        let requests = "engram_distributor_requests_total"
        #expect(pair.metrics.count(requests, "outcome=deduplicated") == 10)
        #expect(pair.metrics.count(requests, "outcome=stored") == 10)
        #expect(pair.metrics.count("engram_distributor_ha_elections_total", "reason=first") == 1)
        // What the elected one has covered is not kept.
        #expect(pair.distributors[0].haClusters.map(\.keptSize)[0] < 1000)
    }

    @Test func `without one of the labels a request is stored as it is`() async throws {
        let pair = SenderPair()
        for labels in [
            [("__name__", "up"), ("__replica__", "a")], [("__name__", "up"), ("cluster", "eu")],
            [("__name__", "up"), ("__replica__", ""), ("cluster", "eu"), ("x", "1")],
        ] {
            var writer = WireWriter()
            writer.series(labels, [(start, 1)])
            writer.series(
                [("__name__", "second"), ("__replica__", "b"), ("cluster", "eu")],
                [(start, 2)]
            )
            let outcome = try await pair.push(writer, at: start)
            #expect(outcome.samplesWritten == 2 && !outcome.isDeduplicated)
        }
        #expect(pair.keys.contains((["__name__": "up", "__replica__": "a"] as Labels).key))
        let second: Labels = ["__name__": "second", "__replica__": "b", "cluster": "eu"]
        #expect(pair.keys.contains(second.key))
        #expect(pair.store.history.isEmpty)
    }

    @Test func `the first series speaks for all, and each of them loses the replica label`()
        async throws
    {
        let pair = SenderPair()
        var writer = WireWriter()
        // Not sorted, so it is not known where the label stands until it is.
        writer.series([("cluster", "eu"), ("__replica__", "a"), ("__name__", "one")], [(start, 1)])
        writer.series([("zone", "z"), ("__name__", "two"), ("__replica__", "b")], [(start, 1)])
        writer.series([("__name__", "three"), ("job", "x")], [(start, 1)])
        writer.series(
            [("__name__", "four"), ("__replica__", "a"), ("__replica__", "b")],
            [(start, 1)]
        )
        let outcome = try await pair.push(writer, at: start)
        #expect(outcome.samplesWritten == 3)
        #expect(outcome.refused == [.duplicateLabelNames: 1])
        #expect(
            pair.keys == [
                (["__name__": "one", "cluster": "eu"] as Labels).key,
                (["__name__": "two", "zone": "z"] as Labels).key,
                (["__name__": "three", "job": "x"] as Labels).key,
            ]
        )
    }

    @Test func `remote write 2_0 and histograms take the same way`() async throws {
        let pair = SenderPair()
        func push(_ replica: String, _ time: Int64) async throws -> PushOutcome {
            var writer = SymbolWriter()
            writer.series(
                [("__name__", "up"), ("__replica__", replica), ("cluster", "eu")],
                [(time, 1, time - 5)]
            )
            return try await pair.distributors[0].push(
                tenant: .anonymous,
                body: writer.compressed,
                version: .two,
                now: time,
                limits: pair.limits
            )
        }
        #expect(try await push("a", start).samplesWritten == 1)
        #expect(try await push("b", start).isDeduplicated)
        #expect(pair.keys == [(["__name__": "up", "cluster": "eu"] as Labels).key])
    }

    @Test(arguments: [1, 2])
    func `when the elected sender goes away no scrape is missing and none is there twice`(
        distributors: Int
    ) async throws {
        let pair = SenderPair(distributors: distributors)
        let last = try await run(pair, seconds: 300, until: 100) { _, replica in
            distributors == 1 || replica == "a" ? 0 : 1
        }
        try await expectNoGap(pair, lastOfFirst: last)
        let elections = "engram_distributor_ha_elections_total"
        #expect(pair.metrics.count(elections, "reason=failover") == 1)
        let replayed = "engram_distributor_ha_replayed_samples_total"
        #expect((pair.metrics.count(replayed) ?? 0) >= 3)
        #expect(pair.store.history.last?.row.replica == "b")
        for distributor in pair.distributors {
            #expect(distributor.haClusters.map(\.replica) == ["b"])
            #expect(distributor.haClusters[0].keptSize == 0)
        }
    }

    @Test func `each distributor plays back its own part of what the loser sent`() async throws {
        let pair = SenderPair(distributors: 3)
        // Requests of both come anywhere.
        let last = try await run(pair, seconds: 400, until: 130) { second, replica in
            Int(second / 15 + (replica == "a" ? 0 : 1)) % 3
        }
        try await expectNoGap(pair, lastOfFirst: last)
    }

    @Test
    func `a sender that comes back finds the other one elected, and takes over from it again`()
        async throws
    {
        let pair = SenderPair()
        func scrape(_ replica: String, _ second: Int64) async throws -> PushOutcome {
            let time = start + second * 1000
            return try await pair.push(SenderPair.scrape(by: replica, at: time), at: time)
        }
        _ = try await scrape("a", 0)
        for second in stride(from: 1, through: 46, by: 15) {
            _ = try await scrape("b", Int64(second))
        }
        #expect(pair.store.history.last?.row.replica == "b")
        #expect(try await scrape("a", 50).isDeduplicated)
        #expect(try await scrape("a", 65).isDeduplicated)
        // The other one has been silent since 46 s.
        #expect(try await scrape("a", 80).samplesWritten == 3)
        let samples = await pair.samples()
        #expect(samples.map { ($0.0 - start) / 1000 } == [0, 1, 16, 31, 46, 50, 65, 80])
        let (a, b) = (SenderPair.value(of: "a", series: 0), SenderPair.value(of: "b", series: 0))
        #expect(samples.map(\.1) == [a, b, b, b, b, a, a, a])
    }

    @Test func `a request that elects is stored from the other one's last sample on`() async throws
    {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        var late = WireWriter()
        late.series(
            [("__name__", "up"), ("__replica__", "b"), ("cluster", "eu"), ("pod", "pod-0")],
            // Behind, at, and after the last one of the other sender.
            [(start - 10, 9), (start, 9), (start + 10, 9), (start + 31_000, 9)]
        )
        let outcome = try await pair.push(late, at: start + 31_000)
        #expect(outcome.samplesWritten == 2 && outcome.isComplete)
        #expect(await pair.samples().map(\.0) == [start, start + 10, start + 31_000])
        let deduped = "engram_distributor_deduped_samples_total"
        #expect(pair.metrics.count(deduped, "tenant=anonymous", "cluster=eu") == 2)
    }

    @Test func `a sender whose samples lag is not elected, however long the other one is silent`()
        async throws
    {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        for second in stride(from: 60, to: 600, by: 15) as StrideTo<Int64> {
            // Four minutes behind, and slowly catching up.
            let time = start + second * 1000 - 240_000 + second * 100
            let now = start + second * 1000
            let outcome = try await pair.push(SenderPair.scrape(by: "b", at: time), at: now)
            #expect(outcome.isDeduplicated == (time <= start + 30_000), "\(second)")
        }
        // From the first sample behind the last one of the other sender on.
        let samples = await pair.samples()
        #expect(zip(samples, samples.dropFirst()).allSatisfy { $1.0 - $0.0 <= 17_000 })
    }

    @Test func `two distributors that see different senders first agree`() async throws {
        for _ in 0..<20 {
            let pair = SenderPair(distributors: 2)
            async let first = pair.push(SenderPair.scrape(by: "a", at: start), at: start)
            async let second = pair.push(
                SenderPair.scrape(by: "b", at: start),
                at: start,
                through: 1
            )
            let outcomes = try await [first, second]
            #expect(outcomes.count { $0.isDeduplicated } == 1)
            #expect(pair.store.rowCount == 1 && pair.store.history.count == 1)
            let elected = pair.distributors.flatMap { $0.haClusters.map(\.replica) }
            #expect(Set(elected).count == 1 && elected.count == 2)
        }
    }

    @Test func `many requests of a new cluster at once make one election`() async throws {
        let pair = SenderPair()
        let outcomes = try await withThrowingTaskGroup(of: PushOutcome.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await pair.push(
                        SenderPair.scrape(by: "a", at: start + Int64(number), series: 0..<1),
                        at: start
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0.samplesWritten == 1 })
        #expect(pair.store.history.count == 1)
    }

    @Test func `while the store is away the elected sender goes on, and nobody else is elected`()
        async throws
    {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        pair.store.set(isAway: true)
        for step in 1..<20 as Range<Int64> {
            let time = start + step * 15_000
            try await pair.tend(at: time, polling: true)
            let outcome = try await pair.push(SenderPair.scrape(by: "a", at: time), at: time)
            #expect(outcome.samplesWritten == 3)
            let other = try await pair.push(SenderPair.scrape(by: "b", at: time), at: time)
            #expect(other.isDeduplicated)
        }
        // Now the elected one is silent: the other one keeps what it has, and comes again.
        let time = start + 20 * 15_000 + 60_000
        for what in [
            SenderPair.scrape(by: "b", at: time),
            SenderPair.scrape(by: "x", at: time, cluster: "new"),
        ] {
            let error = await #expect(throws: PushError.self) {
                try await pair.push(what, at: time)
            }
            guard case .electionFailed(let cause, let seconds) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(cause.contains("does not answer") && seconds > 0)
        }
        // A name that could not be elected takes no memory.
        #expect(pair.distributors[0].haClusters.map(\.cluster) == [cluster])
        pair.store.set(isAway: false)
        let outcome = try await pair.push(SenderPair.scrape(by: "b", at: time), at: time + 1)
        #expect(outcome.samplesWritten == 3)
        #expect(pair.metrics.count("engram_distributor_ha_store_failures_total") ?? 0 >= 2)
    }

    @Test func `a store that has lost its rows is told again`() async throws {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        pair.store.removeAll()
        try await pair.tend(at: start + 1000, polling: true)
        #expect(pair.store.rowCount == 1)
        #expect(pair.store.history.last?.row.replica == "a")
        #expect(pair.store.history.last?.row.newestSample == start)
    }

    @Test func `clusters that are silent for long are forgotten`() async throws {
        let pair = SenderPair(maximumClusters: 1)
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        let later = start + 1_800_001
        try await pair.tend(at: later, polling: true)
        #expect(pair.distributors[0].haClusters.isEmpty)
        pair.store.set(now: later + 100_000)
        try await pair.distributors[0].forgetSilentClusters()
        #expect(pair.store.rowCount == 0)
        let new = SenderPair.scrape(by: "a", at: later, cluster: "us")
        #expect(try await pair.push(new, at: later).samplesWritten == 3)
    }

    @Test func `a cluster too many is refused, and says so`() async throws {
        let pair = SenderPair(maximumClusters: 2)
        for name in ["one", "two"] {
            try await pair.push(SenderPair.scrape(by: "a", at: start, cluster: name), at: start)
        }
        let third = SenderPair.scrape(by: "a", at: start, cluster: "three")
        let error = await #expect(throws: PushError.self) { try await pair.push(third, at: start) }
        #expect(error == .tooManyHAClusters(cluster: "three", limit: 2))
        #expect(error?.description.contains("too_many_ha_clusters") == true)
        #expect(error?.retryAfterSeconds == nil)
        // Another tenant's clusters are its own.
        let other = try TenantID("other")
        #expect(try await pair.push(third, at: start, tenant: other).samplesWritten == 3)
        #expect(
            try await pair.push(SenderPair.scrape(by: "b", at: start, cluster: "two"), at: start)
                .isDeduplicated
        )
    }

    @Test func `values that can name nobody are refused`() async throws {
        let pair = SenderPair()
        func push(_ cluster: [UInt8], _ replica: [UInt8]) async -> PushError? {
            var writer = WireWriter()
            writer.message(1) { series in
                for (name, value) in [
                    ("__name__", Array("up".utf8)), ("__replica__", replica), ("cluster", cluster),
                ] {
                    series.message(1) { label in
                        label.message(1, Array(name.utf8))
                        label.message(2, value)
                    }
                }
                series.sample(start, 1)
            }
            do throws(PushError) {
                try await pair.push(writer, at: start)
                return nil
            } catch {
                return error
            }
        }
        let good = Array("x".utf8)
        let long = [UInt8](repeating: 0x61, count: 1025)
        for bad in [[0xff], [0x61, 0], long] as [[UInt8]] {
            for (cluster, replica, name) in [(bad, good, "cluster"), (good, bad, "__replica__")] {
                let error = await push(cluster, replica)
                guard case .invalidHALabel(let found, _) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(found == name)
            }
        }
        #expect(pair.store.history.isEmpty)
        let strange = Array("'; drop table x; -- \u{1}\u{10FFFF}<b>".utf8)
        #expect(await push(strange, strange) == nil)
        #expect(pair.store.history.count == 1)
    }

    @Test func `what is kept stays within its bound, and the oldest goes first`() async throws {
        let pair = SenderPair(keptBytes: 5000)
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        for second in 1...25 as ClosedRange<Int64> {
            let time = start + second * 1000
            try await pair.push(SenderPair.scrape(by: "b", at: time), at: time)
            #expect(pair.distributors[0].haClusters[0].keptSize <= 5000)
        }
        let dropped = pair.metrics.count("engram_distributor_ha_dropped_requests_total") ?? 0
        #expect(dropped > 0)
        try await pair.push(SenderPair.scrape(by: "b", at: start + 31_000), at: start + 31_000)
        let times = await pair.samples().map { ($0.0 - start) / 1000 }
        #expect(times == [0] + (dropped + 1...25) + [31])
    }

    @Test func `what is refused when it is played back is counted, and told to nobody`()
        async throws
    {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        try await pair.push(SenderPair.scrape(by: "b", at: start + 5000), at: start + 5000)
        for ingester in pair.cluster.ingesters {
            ingester.set { $0.refused[SenderPair.start + 5000] = .newValueForTimestamp }
        }
        let outcome = try await pair.push(
            SenderPair.scrape(by: "b", at: start + 40_000),
            at: start + 40_000
        )
        #expect(outcome.isComplete && outcome.message == nil && outcome.samplesWritten == 3)
        #expect(pair.metrics.count("engram_distributor_ha_replay_refused_samples_total") == 3)
    }

    @Test func `what cannot be played back now is played back with the next request`() async throws
    {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        try await pair.push(SenderPair.scrape(by: "b", at: start + 15_000), at: start + 15_000)
        for ingester in pair.cluster.ingesters { ingester.set { $0.fails = true } }
        let late = SenderPair.scrape(by: "b", at: start + 40_000)
        let error = await #expect(throws: PushError.self) {
            try await pair.push(late, at: start + 40_000)
        }
        #expect(error?.retryAfterSeconds != nil)
        for ingester in pair.cluster.ingesters { ingester.set { $0.fails = false } }
        #expect(try await pair.push(late, at: start + 41_000).samplesWritten == 3)
        #expect(await pair.samples().map(\.0) == [start, start + 15_000, start + 40_000])
    }

    @Test func `samples that could not be stored are taken from the other sender`() async throws {
        let pair = SenderPair()
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        for ingester in pair.cluster.ingesters { ingester.set { $0.fails = true } }
        await #expect(throws: PushError.self) {
            try await pair.push(SenderPair.scrape(by: "a", at: start + 15_000), at: start + 15_000)
        }
        try await pair.push(SenderPair.scrape(by: "b", at: start + 15_100), at: start + 15_100)
        for ingester in pair.cluster.ingesters { ingester.set { $0.fails = false } }
        try await pair.push(SenderPair.scrape(by: "b", at: start + 46_000), at: start + 46_000)
        #expect(await pair.samples().map(\.0) == [start, start + 15_100, start + 46_000])
    }

    @Test func `an operator elects at once, and what was kept fills the time between`() async throws
    {
        let pair = SenderPair(distributors: 2)
        try await pair.push(SenderPair.scrape(by: "a", at: start), at: start)
        try await pair.tend(at: start + 1, polling: true)
        try await pair.push(
            SenderPair.scrape(by: "b", at: start + 3000),
            at: start + 3000,
            through: 1
        )
        let now = start + 4000
        #expect(
            try await !pair.distributors[0].elect(
                "b",
                of: .init(tenant: .anonymous, cluster: "x"),
                at: now
            )
        )
        #expect(try await pair.distributors[0].elect("b", of: cluster, at: now))
        #expect(try await pair.distributors[0].elect("b", of: cluster, at: now))
        #expect(
            try await pair.push(SenderPair.scrape(by: "a", at: now), at: now).isDeduplicated
        )
        // The other distributor learns of it, and plays back what it has.
        try await pair.tend(at: start + 5000, polling: true)
        #expect(await pair.samples().map(\.0) == [start, start + 3000])
        #expect(pair.metrics.count("engram_distributor_ha_elections_total", "reason=manual") == 1)
    }

    @Test(arguments: [false, true])
    func `elections go on over a store that was restored`(byHand: Bool) async throws {
        let pair = SenderPair(distributors: 2)
        func push(_ replica: String, _ time: Int64) async throws {
            let now = start + time
            try await pair.push(SenderPair.scrape(by: replica, at: now), at: now)
        }
        try await push("a", 0)
        let copy = pair.store.copy
        try await pair.tend(at: start + 1, polling: true)
        for time in [46_000, 93_000, 140_000] as [Int64] {
            try await push(time == 93_000 ? "a" : "b", time)
            try await pair.tend(at: start + time + 1, polling: true)
        }
        #expect(pair.distributors.map { $0.haClusters.first?.replica } == ["b", "b"])

        // Its row is of a, and older than what the distributors know.
        pair.store.restore(copy)
        try await pair.tend(at: start + 141_000, polling: true)
        if byHand {
            #expect(
                try await pair.distributors[1].elect("a", of: cluster, at: start + 142_000)
            )
            try await pair.tend(at: start + 143_000, polling: true)
        } else {
            try await push("b", 155_000)
        }
        // b falls silent.
        try await push("a", 200_000)
        try await push("a", 215_000)
        let times = await pair.samples().map { $0.0 - start }
        let between: [Int64] = byHand ? [] : [155_000]
        #expect(times == [0, 46_000, 93_000, 140_000] + between + [200_000, 215_000])
        try await pair.tend(at: start + 260_000, polling: true)
        try await push("b", 261_000)
        #expect(try await pair.distributors[1].elect("b", of: cluster, at: start + 262_000))
    }

    @Test func `with the same label for both nothing is deduplicated`() {
        var limits = TenantLimits()
        limits.acceptHASamples = true
        #expect(WriteLimits(limits).highAvailability != nil)
        limits.haClusterLabel = limits.haReplicaLabel
        #expect(WriteLimits(limits).highAvailability == nil)
        #expect(WriteLimits(TenantLimits()).highAvailability == nil)
    }

    /// Scrapes by both senders each 15 s, the second one 4 s later, of which the first stops.
    ///
    /// - Returns: the first one's last scrape.
    private func run(
        _ pair: SenderPair,
        seconds: Int64,
        until end: Int64,
        through: (_ second: Int64, _ replica: String) -> Int
    ) async throws -> Int64 {
        var last: Int64 = 0
        for second in 0..<seconds {
            let now = start + second * 1000
            try await pair.tend(at: now, polling: second % 5 == 0)
            if second % 15 == 0, second < end {
                last = now
                try await pair.push(
                    SenderPair.scrape(by: "a", at: now),
                    at: now,
                    through: through(second, "a")
                )
            }
            if second % 15 == 4 {
                try await pair.push(
                    SenderPair.scrape(by: "b", at: now),
                    at: now,
                    through: through(second, "b")
                )
            }
        }
        return last
    }

    private func expectNoGap(_ pair: SenderPair, lastOfFirst last: Int64) async throws {
        for series in 0..<3 {
            let samples = await pair.samples(series: series)
            for (one, next) in zip(samples, samples.dropFirst()) {
                // Where one sender follows the other, the distance of their scrapes.
                let isHandover = one.0 == last
                #expect(next.0 - one.0 == (isHandover ? 4000 : 15_000))
            }
            let first = SenderPair.value(of: "a", series: series)
            #expect(samples.allSatisfy { ($0.1 == first) == ($0.0 <= last) })
            #expect(samples.count > 15)
        }
    }
}
