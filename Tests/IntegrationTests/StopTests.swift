import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct StopTests {}
}

extension IntegrationTests.StopTests {
    @Test(.timeLimit(.minutes(2)))
    func `SIGTERM under load ends with 0 and loses nothing`() throws {
        let engram = try EngramProcess.single()
        var writers = (0..<3).map { number in
            LoadWriter(
                name: "s\(number)",
                start: Moment.windowBorder - 60_000,
                ports: [engram.port]
            )
        }
        for round in 0..<4 {
            let stop = StopFlag()
            let running = writers.map { writer in
                Background { () -> LoadWriter in
                    var writer = writer
                    // Refused with 503 when the process ends.
                    _ = writer.run(until: stop)
                    return writer
                }
            }
            breathe(0.4)
            engram.terminate()
            let status = try engram.exitStatus()
            stop.set()
            writers = try running.map { try $0.join() }
            #expect(status == 0, "round \(round): \(engram.log)")
            try engram.start()
            for writer in writers {
                let faults = try writer.faults(in: engram.queries())
                #expect(faults.isEmpty, "round \(round), \(writer.name)")
                #expect(!writer.acknowledged.isEmpty)
            }
        }
    }

    @Test func `SIGINT ends an idle process with 0`() throws {
        let engram = try EngramProcess.single()
        engram.interrupt()
        #expect(try engram.exitStatus(within: 30) == 0)
    }

    @Test func `an address in use is a failure that is told, not a crash`() throws {
        let engram = try EngramProcess.single()
        let folder = try ScratchFolder("second")
        let second = try RunningProgram(
            command: [
                try Executable.engram.path, "--http-listen", "127.0.0.1:\(engram.port)",
                "--data-directory", folder.file("data"),
            ],
            log: folder.file("log")
        )
        #expect(try second.exitStatus(within: 30) == 1)
        #expect(folder.tail(of: "log").contains("\(engram.port)"))
    }

    @Test func `two processes on one data directory are refused`() throws {
        let engram = try EngramProcess.single()
        let folder = try ScratchFolder("second")
        let second = try RunningProgram(
            command: [
                try Executable.engram.path, "--http-listen", "127.0.0.1:0",
                "--data-directory", engram.folder.file("data"),
            ],
            log: folder.file("log")
        )
        #expect(try second.exitStatus(within: 30) == 1)
        #expect(engram.isRunning)
    }
}
