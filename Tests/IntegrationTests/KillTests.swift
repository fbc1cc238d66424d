import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct KillTests {}
}

extension IntegrationTests.KillTests {
    private static let writerCount = 4

    @Test(.timeLimit(.minutes(5)))
    func `kill -9 at any moment under load loses no acknowledged sample`() throws {
        try killAgainAndAgain(rounds: 22, seed: 20, [])
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["interval", "off"])
    func `without a sync for each write a killed process loses nothing either`(
        mode: String
    ) throws {
        try killAgainAndAgain(rounds: 6, seed: 21, ["--ingester-wal-sync", mode])
    }

    private func killAgainAndAgain(rounds: Int, seed: UInt64, _ arguments: [String]) throws {
        var random = SeededGenerator(seed: seed)
        let engram = try EngramProcess.single(arguments)
        let start = Moment.windowBorder - 120_000
        var writers = (0..<Self.writerCount).map { number in
            LoadWriter(name: "w\(number)", start: start, ports: [engram.port])
        }
        for round in 0..<rounds {
            let before = writers.map(\.nextRequest)
            let stop = StopFlag()
            let running = writers.map { writer in
                Background { () -> (LoadWriter, HTTPAnswer?) in
                    var writer = writer
                    let refusal = writer.run(until: stop)
                    return (writer, refusal)
                }
            }
            let flushing = round % 2 == 1 ? flushing(engram.port, until: stop) : nil
            breathe(Double.random(in: 0.05...0.6, using: &random))
            engram.killNow()
            stop.set()
            let results = try running.map { try $0.join() }
            _ = try flushing?.join()
            for (_, refusal) in results {
                #expect(refusal == nil, "\(refusal?.text ?? "")")
            }
            writers = results.map(\.0)
            if round % 3 == 2 {
                // Once more while it reads its log.
                try engram.launch()
                breathe(Double.random(in: 0...0.3, using: &random))
                engram.killNow()
            }
            try engram.start()
            for (writer, first) in zip(writers, before) {
                let faults = try writer.faults(since: first, in: engram.queries())
                #expect(faults.isEmpty, "round \(round), \(writer.name)")
            }
            for index in writers.indices where Bool.random(using: &random) {
                writers[index].skip()
            }
        }
        try engram.flush()
        #expect(try engram.metric("engram_ingester_blocks_flushed_total") > 0)
        for writer in writers {
            let faults = try writer.faults(in: engram.queries())
            #expect(faults.isEmpty, "at the end, \(writer.name)")
            #expect(writer.acknowledged.count > rounds / 2)
        }
    }

    /// Asks for one flush after the other.
    private func flushing(_ port: Int, until stop: StopFlag) -> Background<Void> {
        Background {
            while !stop.isSet {
                _ = try? HTTPConnection.send(.post("/ingester/flush"), port: port)
            }
        }
    }
}
