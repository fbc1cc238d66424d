internal import Glibc
internal import Logging
internal import ServiceSupport

/// The way every executable starts: configuration, telemetry, services, exit status.
public enum ServiceMain {
    /// Runs the distributor until it is told to stop; does not return.
    public static func distributor() async -> Never { await run(.distributor, arguments) }

    /// Runs the ingester until it is told to stop; does not return.
    public static func ingester() async -> Never { await run(.ingester, arguments) }

    /// Runs the querier until it is told to stop; does not return.
    public static func querier() async -> Never { await run(.querier, arguments) }

    /// Runs the single process or one of the operator's subcommands; does not return.
    public static func engram() async -> Never {
        guard let first = arguments.first, !first.hasPrefix("-") else {
            await run(.engram, arguments)
        }
        let rest = Array(arguments.dropFirst())
        switch first {
        case "serve": await run(.engram, rest)
        case "migrate": await Subcommands.migrate(rest).exit()
        case "compact": await Subcommands.compact(rest).exit()
        case "ring": await Subcommands.ring(rest).exit()
        case "capacity": Subcommands.capacity(rest).exit()
        case "tenants": await Subcommands.tenants(rest).exit()
        case "blocks": await Subcommands.blocks(rest).exit()
        case "query": await Subcommands.query(rest).exit()
        case "parse": Subcommands.parse(rest).exit()
        case "test-promql": await Subcommands.testPromQL(rest).exit()
        case "version":
            print("engram \(BuildInformation.version)")
            ExitCode.success.exit()
        default:
            StandardError.write(
                "engram: unknown subcommand \"\(first)\"; known are serve, migrate, compact, ring, capacity, "
                    + "tenants, blocks, query, parse, test-promql, version\n"
            )
            ExitCode.usage.exit()
        }
    }

    private static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

    private static func run(_ executable: Executable, _ arguments: [String]) async -> Never {
        let configuration = load(executable, arguments)
        let telemetry = Telemetry(configuration)
        do {
            let process = ServiceProcess(
                configuration: configuration,
                telemetry: telemetry,
                security: try RPCSecurity(configuration, logger: telemetry.logger)
            )
            try await process.run().exit()
        } catch {
            telemetry.logger.error("cannot start", metadata: ["error": "\(error)"])
            ExitCode.failure.exit()
        }
    }

    /// Reads the configuration; answers `--help` and the like, and ends the process where something is wrong.
    static func load(_ executable: Executable, _ arguments: [String]) -> LoadedConfiguration {
        do {
            let configuration = try Configuration.load(
                executable: executable,
                arguments: arguments,
                environment: environment()
            )
            if configuration.wasRead { try RPCSecurity.check(configuration) }
            if case .print(let text) = configuration.action {
                print(text, terminator: "")
                ExitCode.success.exit()
            }
            return configuration
        } catch {
            StandardError.write("\(executable.name): \(error)\n")
            error.exitCode.exit()
        }
    }

    /// The variables of the process' environment.
    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        // Nothing of ours changes the environment, so reading it is safe.
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}
