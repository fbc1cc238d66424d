import Glibc
import Logging
import ServiceLifecycle
import ServiceSupport
import Synchronization
import Testing

/// One after the other: each run of services takes the signals of the process.
@Suite(.serialized) struct ServiceRunnerTests {
    private final class Events: Sendable {
        private let events = Mutex<[String]>([])

        func append(_ event: String) { events.withLock { $0.append(event) } }
        var all: [String] { events.withLock { $0 } }
    }

    /// Waits for the shutdown and says when it is over.
    private struct Waiting: Service {
        let name: String
        let events: Events
        /// Sent to this process once the service runs, which is after the signals are trapped.
        var signal: Int32?

        func run() async throws {
            if let signal { kill(getpid(), signal) }
            try await gracefulShutdown()
            events.append(name)
        }
    }

    /// Asks for the shutdown of the process and then does not stop until it is cancelled.
    private struct Stubborn: Service {
        func run() async throws {
            kill(getpid(), SIGTERM)
            try await Task.sleep(for: .seconds(3600))
        }
    }

    private struct Failing: Service {
        struct Broken: Error {}

        func run() async throws { throw Broken() }
    }

    private struct Ending: Service {
        func run() async throws {}
    }

    private let events = Events()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal stops the services, the last one first`(signal: Int32) async {
        let services = [
            Waiting(name: "store", events: events),
            Waiting(name: "server", events: events, signal: signal),
        ]
        let code = await ServiceRunner.run(services, logger: logger, shutdownBound: .seconds(60))
        #expect(code == .success)
        #expect(events.all == ["server", "store"])
    }

    @Test func `a service that does not stop in time is cancelled, and that is a failure`() async {
        let code = await ServiceRunner.run(
            [Stubborn()],
            logger: logger,
            shutdownBound: .milliseconds(20)
        )
        #expect(code == .failure)
    }

    @Test func `a service that fails, or ends by itself, is a failure`() async {
        let waiting = Waiting(name: "store", events: events)
        for service: any Service in [Failing(), Ending()] {
            let code = await ServiceRunner.run(
                [waiting, service],
                logger: logger,
                shutdownBound: .seconds(60)
            )
            #expect(code == .failure)
        }
    }

    @Test func `exit codes are those of the contract`() {
        #expect(ExitCode.success.rawValue == 0)
        #expect(ExitCode.failure.rawValue == 1)
        #expect(ExitCode.usage.rawValue == 64)
        #expect(ExitCode.configuration.rawValue == 78)
    }
}
