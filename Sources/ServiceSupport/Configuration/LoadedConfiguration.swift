/// A configuration that was read and checked.
public struct LoadedConfiguration: Sendable {
    /// What is left to do.
    public enum Action: Sendable, Equatable {
        /// Start.
        case run
        /// Write this to standard output and end with ``ExitCode/success``: the answer to `--help`,
        /// `--version` or `--check-config`.
        case print(String)
    }

    public let executable: Executable
    public let settings: ServiceSettings
    /// Where the keys that were set got their values, by name.
    public let sources: [String: ValueSource]
    public internal(set) var action: Action
    /// The limits of single tenants as the file had them, none without a file.
    public let overrides: TenantOverrides
    /// Whether the settings are those that were given: `--help` and `--version` look at none.
    public internal(set) var wasRead = true

    /// What is in force, as YAML that the same executable accepts, passwords masked: the answer of
    /// `/config`.
    ///
    /// A comment after a value says where it came from, unless it is the default.
    public var effectiveYAML: String {
        var text = ""
        var section = ""
        for key in ConfigurationKey.all(for: executable) {
            if key.section != section {
                section = key.section
                text += "\(section):\n"
            }
            text += "  \(key.nameInSection): \(YAMLScalar.text(key.text(settings)))"
            if let source = sources[key.name] { text += "  # \(source)" }
            text += "\n"
        }
        return text
    }
}
