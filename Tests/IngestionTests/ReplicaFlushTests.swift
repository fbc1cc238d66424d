import ClusterInterface
import HashRing
import MetricsModel
import TestSupport
import Testing
import WriteAheadLog

@testable import Ingestion

/// Ingesters of one ring that flush the same windows into one store.
@Suite(.timeLimit(.minutes(2))) struct ReplicaFlushTests {
    static let tenant = TenantID.anonymous
    static let start = Fixture.start

    @Test(arguments: [3, 7])
    func `healthy replicas store each sample once`(memberCount: Int) async throws {
        let cluster = Cluster(memberCount: memberCount)
        for series in 0..<200 {
            let times = (0..<10).map { Self.start + Int64($0) * 15_000 }
            try await cluster.write(series, times, to: cluster.replicas(of: series))
        }
        try await cluster.endWindow()
        #expect(cluster.storedSampleCount == 2000)
        let stored = try SampleSet.stored(in: cluster.store.blocks)
        #expect(stored == cluster.acknowledged)
        for member in cluster.members {
            #expect(try await SampleSet.memory(of: member.ingester, [Self.tenant]).count == 0)
        }
    }

    @Test func `in a shard the replicas that writes chose store each sample once`() async throws {
        let cluster = Cluster(memberCount: 7, shardSize: 4)
        for series in 0..<100 {
            try await cluster.write(series, [Self.start], to: cluster.replicas(of: series))
        }
        var holders = 0
        for member in cluster.members {
            let count = try await SampleSet.memory(of: member.ingester, [Self.tenant]).count
            if count > 0 { holders += 1 }
        }
        #expect(holders == 4)
        cluster.setClocks(Self.start + Fixture.window + Fixture.flushDelay)
        // At once, each its share: together all of it.
        var stored = 0
        for member in cluster.members { stored += await member.ingester.flushDue().samples }
        #expect(stored == 100)
        try await cluster.endWindow()
        #expect(cluster.storedSampleCount == 100)
    }

    @Test func `until the others had their time nothing leaves memory`() async throws {
        let cluster = Cluster(memberCount: 3)
        for series in 0..<50 {
            try await cluster.write(series, [Self.start], to: cluster.replicas(of: series))
        }
        cluster.setClocks(Self.start + Fixture.window + Fixture.flushDelay)
        let first = cluster.members[0]
        let report = await first.ingester.flushDue()
        #expect((10...25).contains(report.samples), "\(report)")
        #expect(try await SampleSet.memory(of: first.ingester, [Self.tenant]).count == 50)
        cluster.setClocks(first.clock.now + 60_000)
        #expect(await first.ingester.flushDue() == FlushReport())
        // Nobody else has stored anything in time.
        cluster.setClocks(first.clock.now + 60_000)
        #expect(await first.ingester.flushDue().samples == 50 - report.samples)
        #expect(try await SampleSet.memory(of: first.ingester, [Self.tenant]).count == 0)
    }

    @Test func `a flush of everything waits for nobody and stores what nobody has`() async throws {
        let cluster = Cluster(memberCount: 3)
        for series in 0..<50 {
            try await cluster.write(series, [Self.start], to: cluster.replicas(of: series))
        }
        #expect(await cluster.members[1].ingester.flushAll().samples == 50)
        #expect(await cluster.members[0].ingester.flushAll() == FlushReport())
        #expect(await cluster.members[2].ingester.flushAll() == FlushReport())
    }

    @Test func `a block whose digests cannot be read stands for nothing`() async throws {
        let cluster = Cluster(memberCount: 3)
        try await cluster.write(1, [Self.start], to: [0, 1, 2])
        _ = await cluster.members[0].ingester.flushAll()
        cluster.store.damage()
        let report = await cluster.members[1].ingester.flushAll()
        #expect(report.failures.isEmpty)
        #expect(report.samples == 1)
    }

    /// Writes that replicas missed, late samples, replicas that crash between the two parts of their flush, stores that
    /// fail for a while: all that was acknowledged, and no more, ends in the store.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `whatever replicas differ in ends in the store`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let cluster = Cluster(memberCount: Int.random(in: 3...6, using: &random))
        var time = Self.start
        for _ in 0..<3 {
            for series in 0..<40 {
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let late = Int64.random(in: 0...5, using: &random) * 1_700_000
                    let isLate = Int.random(in: 0..<6, using: &random) == 0
                    let at = time + Int64.random(in: 0..<Fixture.window, using: &random)
                    var takers = cluster.replicas(of: series)
                    if Int.random(in: 0..<4, using: &random) == 0 {
                        takers.remove(at: Int.random(in: 0..<3, using: &random))
                    }
                    try await cluster.write(series, [isLate ? at - late : at], to: takers)
                }
            }
            time += Fixture.window
            cluster.setClocks(time + Fixture.flushDelay)
            for round in 0..<4 {
                for index in cluster.members.indices {
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: try await cluster.restart(index)
                    case 1:
                        cluster.store.fail(for: nil)
                        _ = await cluster.members[index].ingester.flushDue()
                        cluster.store.fail(for: [])
                    case 2 where round == 3: _ = await cluster.members[index].ingester.flushAll()
                    default: _ = await cluster.members[index].ingester.flushDue()
                    }
                }
                cluster.setClocks(cluster.members[0].clock.now + 130_000)
            }
        }
        for member in cluster.members {
            #expect(await member.ingester.flushAll().failures.isEmpty)
        }
        let stored = try SampleSet.stored(in: cluster.store.blocks)
        #expect(stored == cluster.acknowledged)
    }
}

/// Some ingesters, the ring they are on, and what was acknowledged.
private final class Cluster {
    let store = MemoryBlockStore()
    private(set) var members: [Fixture] = []
    private(set) var acknowledged = SampleSet()
    private let ring: HashRing

    private let shard: ShuffleShard

    init(memberCount: Int, shardSize: Int = 0) {
        shard = ShuffleShard(tenant: ReplicaFlushTests.tenant.name, size: shardSize)
        var random = SeededGenerator(seed: 3)
        var rows: [RingMember] = []
        for number in 0..<memberCount {
            rows.append(
                RingMember(
                    instance: "\(number)",
                    address: "",
                    state: .active,
                    tokens: TokenChoice.tokens(
                        joining: "",
                        members: rows,
                        count: 64,
                        using: &random
                    )
                )
            )
        }
        ring = HashRing(members: rows) { _ in true }
        members = rows.indices.map { fixture($0, MemoryLog()) }
    }

    private func fixture(_ index: Int, _ log: MemoryLog, life: MemberLife? = .active) -> Fixture {
        Fixture(
            log: log,
            store: store,
            life: life,
            share: FlushShare(ring: ring, instance: "\(index)") { [shard] in
                shard.writers(of: $1, replicationFactor: 3)
            }
        )
    }

    /// Samples of all blocks, copies counted.
    var storedSampleCount: Int { store.blocks.reduce(0) { $0 + $1.record.sampleCount } }

    func replicas(of series: Int) -> [Int] {
        let fingerprint = Fingerprint(
            seed: TenantSeed(ReplicaFlushTests.tenant),
            labels: Fixture.labels(series)
        )
        guard let writers = shard.writers(of: ring, replicationFactor: 3) else {
            return Array(ring.replicas(for: fingerprint.token, replicationFactor: 3))
        }
        return ring.restricted(to: writers)
            .replicas(for: fingerprint.token, replicationFactor: 3).map { writers[$0] }
    }

    /// A sample's value follows from its time, so that a repeated one is the same.
    func write(_ series: Int, _ times: [Int64], to takers: [Int]) async throws {
        let labels = Fixture.labels(series)
        let samples = times.map { ($0, Double($0 % 1000)) }
        for taker in takers {
            _ = try await members[taker].ingester.write(
                WriteBatch(ReplicaFlushTests.tenant, labels, samples)
            )
        }
        for (time, value) in samples {
            acknowledged.add(ReplicaFlushTests.tenant, labels, time, value.bitPattern)
        }
    }

    func setClocks(_ time: Int64) {
        for member in members { member.clock.set(time) }
    }

    /// Flushes as ingesters do by themselves: each its share, and later the rest.
    func endWindow() async throws {
        setClocks(ReplicaFlushTests.start + Fixture.window + Fixture.flushDelay)
        for _ in 0..<2 {
            for member in members { #expect(await member.ingester.flushDue().failures.isEmpty) }
            setClocks(members[0].clock.now + 120_000)
        }
    }

    /// As after a crash: a new ingester has what the log had.
    func restart(_ index: Int) async throws {
        let old = members[index]
        let log = MemoryLog(
            journal: old.log.journal,
            firstSegment: old.log.currentSegment + 1
        )
        let new = fixture(index, log, life: nil)
        new.clock.set(old.clock.now)
        for (segment, bytes) in old.log.records {
            new.ingester.replay(
                try bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: segment
            )
        }
        new.ingester.finishReplay(ReplayOutcome())
        new.ingester.setLife(.active)
        members[index] = new
    }
}
