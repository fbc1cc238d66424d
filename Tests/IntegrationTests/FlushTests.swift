import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct FlushTests {}
}

extension IntegrationTests.FlushTests {
    private static let tenant = "flushed"
    private static let seriesCount = 12
    /// Samples of a series in a round.
    private static let samplesPerRound = 200
    private static let rounds = 5
    /// Milliseconds between samples.
    private static let step: Int64 = 5000

    /// Milliseconds since the Unix epoch; the border of two windows lies in the third round.
    private static let start = Moment.windowBorder - Int64(samplesPerRound) * step * 5 / 2

    @Test(.timeLimit(.minutes(2)))
    func `a query answers the same before, during and after a flush to the embedded store`() throws
    {
        let engram = try EngramProcess.single(["--auth-mode", "header"])
        for round in 0..<Self.rounds {
            try write(round, to: engram)
            try checkAnswers(of: [engram], whileFlushing: [engram], round: round)
        }
        #expect(try engram.metric("engram_ingester_blocks_flushed_total") >= Double(Self.rounds))
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: ThrowawayPostgres.unavailableReason == nil))
    func `a query answers the same before, during and after a flush of a cluster`() throws {
        try checkCluster(LocalCluster())
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: ThrowawayPgBouncer.unavailableReason == nil))
    func `a query answers the same before, during and after a flush through pgbouncer`() throws {
        try checkCluster(LocalCluster(isPooled: true))
    }

    private func checkCluster(_ cluster: LocalCluster) throws {
        for round in 0..<Self.rounds {
            try write(round, to: cluster.distributors[round % 2])
            try checkAnswers(
                of: cluster.queriers,
                whileFlushing: cluster.ingesters,
                round: round
            )
        }
        let flushed = try cluster.ingesters.map {
            try $0.metric("engram_ingester_blocks_flushed_total")
        }
        #expect(flushed.reduce(0, +) >= Double(Self.rounds), "\(flushed)")
    }

    private func checkAnswers(
        of processes: [EngramProcess],
        whileFlushing flushed: [EngramProcess],
        round: Int
    ) throws {
        let clients = processes.map { $0.queries(tenant: Self.tenant) }
        let expected = try answers(of: clients[0], round: round)
        let samples = try #require(expected.first)
        #expect(samples.count == Self.seriesCount)
        for series in samples {
            #expect(series.values?.count == Self.samplesPerRound * (round + 1))
        }

        let stop = StopFlag()
        let asking = clients.map { client in
            Background { () -> (asked: Int, different: Int) in
                var count = (asked: 0, different: 0)
                while !stop.isSet {
                    let found = try answers(of: client, round: round)
                    count.asked += 1
                    if found != expected { count.different += 1 }
                }
                return count
            }
        }
        breathe(0.1)
        let outcome = Result { for process in flushed { try process.flush() } }
        breathe(0.3)
        stop.set()
        for client in asking {
            let (asked, different) = try client.join()
            #expect(different == 0, "round \(round): \(different) of \(asked) answers differ")
        }
        try outcome.get()
        for client in clients {
            #expect(try answers(of: client, round: round) == expected, "round \(round), after it")
        }
    }

    /// Raw samples, a rate over the border of the windows, and an aggregation.
    private func answers(of client: QueryClient, round: Int) throws -> [[QueryAnswer.Series]] {
        let end = Self.start + Int64(Self.samplesPerRound * (round + 1)) * Self.step
        return [
            try client.samples("flushing", Self.start...end),
            try client.range("sum by (half) (rate(flushing[2m]))", Self.start...end, step: 30),
            try client.range("flushing{series=~\"1.*\"}", Self.start...end, step: 60),
        ]
    }

    private func write(_ round: Int, to process: EngramProcess) throws {
        var body = WriteRequestEncoder()
        for number in 0..<Self.seriesCount {
            let labels = Labels([
                ("__name__", "flushing"), ("half", String(number % 2)), ("series", String(number)),
            ])
            let first = round * Self.samplesPerRound
            let samples = (first..<first + Self.samplesPerRound).map { index in
                Sample(
                    timestamp: Self.start + Int64(index) * Self.step,
                    value: Double(index * (number + 1)) * 0.7
                )
            }
            body.add(labels, samples)
        }
        let answer = try process.send(.push(body).tenant(Self.tenant))
        try #require(answer.status == 204, "\(answer.text)")
    }
}
