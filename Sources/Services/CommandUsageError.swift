/// The arguments of a subcommand make no sense.
struct CommandUsageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
