import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct CompactTests {}
}

extension IntegrationTests.CompactTests {
    private static let seriesCount = 300
    private static let days = 3
    /// Milliseconds between samples.
    private static let step: Int64 = 300_000
    private static let samplesPerDay = Int(86_400_000 / step)
    /// The start of a day that was over long ago.
    private static let start = (Moment.now / 86_400_000 - 10) * 86_400_000

    @Test(.timeLimit(.minutes(4)))
    func `kill -9 of engram compact at any moment changes no answer`() throws {
        var random = SeededGenerator(seed: 9)
        let engram = try EngramProcess.single(["--compactor-interval", "24h"])
        for day in 0..<Self.days { try write(day: day, to: engram) }
        try engram.flush()
        let expected = try answers(of: engram)
        #expect(expected.first?.count == Self.seriesCount / 10)
        #expect(expected.first?.first?.values?.count == Self.days * Self.samplesPerDay)
        try #require(try engram.stop() == 0)

        var killed = 0
        for round in 0..<15 {
            let compact = try compact(engram)
            breathe(Double.random(in: 0.02...0.6, using: &random))
            if compact.isRunning { killed += 1 }
            compact.killNow()
            guard round % 5 == 4 else { continue }
            try engram.start()
            #expect(try answers(of: engram) == expected, "round \(round)")
            try #require(try engram.stop() == 0)
        }
        #expect(killed > 0)

        // What a killed one had leased is free again after a while.
        try eventually(within: 90, "the end of all merges") {
            let status = try compact(engram).exitStatus(within: 60)
            try #require(status == 0, "\(engram.folder.tail(of: "compact"))")
            return engram.folder.tail(of: "compact").split(separator: "\n").last?
                .hasPrefix("0 merges, 0 blocks kept") == true
        }
        try engram.start()
        #expect(try answers(of: engram) == expected)
        let status = try engram.send(.get("/compactor/status"))
        #expect(status.status == 200)
        #expect(status.text.contains("\"queue_days\":0"), "\(status.text)")
        try engram.flush()
    }

    /// `engram compact` on the process' store.
    private func compact(_ engram: EngramProcess) throws -> RunningProgram {
        try RunningProgram(
            command: [
                try engram.executable.path, "compact", "--data-directory",
                engram.folder.file("data"),
            ],
            log: engram.folder.file("compact")
        )
    }

    private func answers(of engram: EngramProcess) throws -> [[QueryAnswer.Series]] {
        let end = Self.start + Int64(Self.days) * 86_400_000
        let client = engram.queries()
        return [
            try client.samples("compacted{series=~\".*7\"}", Self.start...end),
            try client.range("sum by (half) (rate(compacted[1h]))", Self.start...end, step: 900),
        ]
    }

    private func write(day: Int, to process: EngramProcess) throws {
        var body = WriteRequestEncoder()
        for number in 0..<Self.seriesCount {
            let labels = Labels([
                ("__name__", "compacted"), ("half", String(number % 2)), ("series", String(number)),
            ])
            let first = day * Self.samplesPerDay
            let samples = (first..<first + Self.samplesPerDay).map { index in
                Sample(
                    timestamp: Self.start + Int64(index) * Self.step,
                    value: Double(index * (number + 1)) * 0.7
                )
            }
            body.add(labels, samples)
        }
        let answer = try process.send(.push(body))
        try #require(answer.status == 204, "\(answer.text)")
    }
}
