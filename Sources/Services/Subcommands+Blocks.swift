internal import BlockInspection
internal import ClusterInterface
internal import Glibc
internal import ServiceSupport

extension Subcommands {
    /// Lists, verifies or dumps the blocks of a store.
    static func blocks(_ arguments: [String]) async -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(BlocksCommand.usage, terminator: "")
            return .success
        }
        let command: BlocksCommand
        do {
            command = try BlocksCommand(arguments: arguments)
        } catch {
            StandardError.write("engram blocks: \(error)\n\(BlocksCommand.usage)")
            return .usage
        }
        let configuration = ServiceMain.load(.engram, command.rest)
        _ = Telemetry(configuration)
        do {
            if case .sqlite(let path) = configuration.settings.store.url, access(path, R_OK) != 0 {
                // Opening it would make an empty one.
                StandardError.write("engram blocks: there is no store at \(path)\n")
                return .failure
            }
            let store = try Store(configuration.settings.store)
            let isWell = try await run(command, store)
            await store.close()
            return isWell ? .success : .failure
        } catch {
            StandardError.write("engram blocks: \(error)\n")
            return .failure
        }
    }

    private static func run(_ command: BlocksCommand, _ store: Store) async throws -> Bool {
        let blocks = try await command.selection.blocks(of: store.kind, store.kind)
        switch command.action {
        case .list:
            let table = BlockTable(blocks)
            print(command.isJSON ? table.json : table.text, terminator: "")
            return true
        case .dump:
            let dump = BlockDump(store: store.kind)
            for block in blocks {
                if command.showsStructure {
                    try await dump.structure(of: block, isJSON: command.isJSON) {
                        print($0, terminator: "")
                    }
                } else {
                    try await dump.samples(of: block, in: command.selection.range) {
                        print($0, terminator: "")
                    }
                }
            }
            return true
        case .verify: return try await verify(blocks, store)
        }
    }

    /// Blocks verified at the same time; more would only wait for the store or for a core.
    private static let maximumVerifiedBlocks = 8

    private static func verify(_ blocks: [BlockRecord], _ store: Store) async throws -> Bool {
        let verifier = BlockVerifier(
            store: store.kind,
            concurrency: min(SystemCores.count * 2, maximumVerifiedBlocks)
        )
        var display = VerificationDisplay(isTerminal: isatty(STDERR_FILENO) == 1)
        let report = try await verifier.verify(blocks) { event in
            let (output, error) = display.show(event)
            StandardError.write(error)
            if !output.isEmpty { print(output, terminator: "") }
        }
        StandardError.write(display.end())
        if report.gone > 0 { print("\(report.gone) blocks left the catalog meanwhile") }
        print("\(report.verified) blocks verified, \(report.damaged) damaged")
        return report.damaged == 0
    }
}
