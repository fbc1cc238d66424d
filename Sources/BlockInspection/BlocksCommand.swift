internal import MetricsModel

/// One call of `engram blocks`.
public struct BlocksCommand: Sendable, Equatable {
    /// What is done with the blocks.
    public enum Action: String, Sendable {
        case list
        case verify
        case dump
    }

    public let action: Action
    public var selection = BlockSelector()
    /// Whether the output is a JSON object a line.
    public var isJSON = false
    /// Whether `dump` shows what the blocks are made of in place of their samples.
    public var showsStructure = false
    /// Arguments of others: where the store is, and the configuration.
    public var rest: [String] = []

    public static let usage = """
        usage: engram blocks list   [--tenant NAME] [--block ID] [--from TIME] [--to TIME] [--json] [STORE]
               engram blocks verify [--tenant NAME] [--block ID] [--from TIME] [--to TIME] [STORE]
               engram blocks dump   [--tenant NAME] [--block ID] [--from TIME] [--to TIME] [--directory] [--json] [STORE]

        list    prints each block of the catalog and totals.
        verify  reads every page of every block and checks it: checksums, structure, order, times, digests,
                fingerprints, the catalog row. Prints each damage with its place.
        dump    prints the samples of the range, a line of JSON for each series of each block; with --directory
                what each block is made of, in bytes.

        TIME is seconds since 1970, or a date with or without a time: 2026-01-31, 2026-01-31T12:00:00Z. A block
        is chosen if it has a time in the range; --to is not in it. ID is how list shows it, or how that begins.
        STORE is --store-url and whatever else configures it, such as --config FILE.

        Exit status: 0 if all is well, 1 if damage was found or the store cannot be read, 64 for a wrong
        command line, 78 for a wrong configuration.

        """

    /// Reads the arguments behind `blocks`; options are `--name VALUE` or `--name=VALUE`.
    public init(arguments: [String]) throws(BlocksUsageError) {
        guard let name = arguments.first else { throw BlocksUsageError("list, verify or dump?") }
        guard let action = Action(rawValue: name) else {
            throw BlocksUsageError("\"\(name)\" is none of list, verify and dump")
        }
        self.action = action
        var left = arguments.dropFirst()
        while let argument = left.popFirst() {
            switch argument {
            case "--json" where action != .verify: isJSON = true
            case "--directory" where action == .dump: showsStructure = true
            default:
                guard try take(argument, &left) else {
                    rest.append(argument)
                    continue
                }
            }
        }
    }

    /// Takes an option that has a value.
    ///
    /// - Returns: false where it is none of ours.
    private mutating func take(
        _ argument: String,
        _ left: inout ArraySlice<String>
    ) throws(BlocksUsageError) -> Bool {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard ["--tenant", "--block", "--from", "--to"].contains(name) else { return false }
        guard let value = parts.count > 1 ? String(parts[1]) : left.popFirst() else {
            throw BlocksUsageError("\(name) needs a value")
        }
        switch name {
        case "--tenant":
            do throws(TenantError) {
                selection.tenant = try TenantID(value)
            } catch {
                throw BlocksUsageError("--tenant: \(error)")
            }
        case "--block":
            guard !value.isEmpty, value.allSatisfy(\.isHexDigit) else {
                throw BlocksUsageError("--block: \"\(value)\" is not hexadecimal")
            }
            selection.block = value.lowercased()
        case "--from": selection.range.start = try Self.time(name, value)
        default: selection.range.end = try Self.time(name, value)
        }
        return true
    }

    private static func time(_ name: String, _ text: String) throws(BlocksUsageError) -> Int64 {
        guard let time = UTCTime.milliseconds(text) else {
            throw BlocksUsageError("\(name): \"\(text)\" is neither seconds nor a date")
        }
        return time
    }
}

/// Why a command line makes no sense.
public struct BlocksUsageError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
