internal import QueryClient
internal import ServiceSupport

extension Subcommands {
    /// Asks a running server for the answer to a query, and prints it.
    static func query(_ arguments: [String]) async -> ExitCode {
        if arguments.contains("--help") {
            print(QueryCommand.usage, terminator: "")
            return .success
        }
        do {
            let output = try await QueryCommand(arguments: arguments).run()
            StandardError.write(output.standardError)
            print(output.standardOutput, terminator: "")
            return output.isSuccess ? .success : .failure
        } catch let error as UsageError {
            StandardError.write("engram query: \(error)\n\(QueryCommand.usage)")
            return .usage
        } catch {
            StandardError.write("engram query: \(error)\n")
            return .failure
        }
    }
}
