/// The limits of single tenants, read and checked as a whole.
public struct TenantOverrides: Sendable, Equatable {
    /// What a value is for a program that reads it.
    public enum Value: Sendable, Equatable {
        case number(Int)
        case boolean(Bool)
        case text(String)
        case list([String])
        /// A value with parts, as JSON.
        case json(String)
    }

    /// What one tenant has of its own.
    struct Entry: Sendable, Equatable {
        /// All limits of the tenant, the defaults included.
        var limits: LimitsSettings
        /// Names of the keys that are set for it, such as `limits.lateWindow`.
        var keys: Set<String>
    }

    /// What holds for every other tenant.
    public let defaults: LimitsSettings
    /// The bytes that were read, to tell a change; nil without a file.
    let content: [UInt8]?
    let entries: [String: Entry]
    private let executable: Executable

    /// No tenant has limits of its own.
    init(defaults: ServiceSettings, executable: Executable) {
        self.init(defaults: defaults, executable: executable, content: nil, entries: [:])
    }

    init(
        defaults: ServiceSettings,
        executable: Executable,
        content: [UInt8]?,
        entries: [String: Entry]
    ) {
        self.defaults = defaults.limits
        self.executable = executable
        self.content = content
        self.entries = entries
    }

    /// All limits of each tenant that has some of its own, by tenant.
    public var limits: [String: LimitsSettings] { entries.mapValues(\.limits) }

    /// What is set for single tenants, in the form of the file.
    ///
    /// Limits that other executables apply are shown too: one file serves every process of a cluster.
    ///
    /// - Parameter onlyDifferences: Leaves out what equals the default of this process.
    public func yaml(onlyDifferences: Bool = false) -> String {
        var text = ""
        for (tenant, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let lines = LimitNames.keys.filter { entry.keys.contains($0.name) }
                .filter {
                    !onlyDifferences || self.text($0, entry.limits) != self.text($0, defaults)
                }
                .map {
                    "    \($0.nameInSection): \(YAMLScalar.text(self.text($0, entry.limits)))\n"
                }
            guard !lines.isEmpty else { continue }
            text += "  \(YAMLScalar.text(tenant)):\n" + lines.joined()
        }
        return text.isEmpty ? "overrides: {}\n" : "overrides:\n" + text
    }

    /// The limits of a tenant, under the names that Cortex gives them.
    ///
    /// Those that this executable applies, and those that are set for the tenant: what holds in other executables
    /// for all tenants, this one does not know.
    ///
    /// - Parameter onlyOverrides: Leaves out what is not set for the tenant.
    public func values(
        of tenant: String,
        onlyOverrides: Bool
    ) -> [(name: String, value: Value)] {
        let entry = entries[tenant] ?? Entry(limits: defaults, keys: [])
        return LimitNames.keys.compactMap { key in
            let isApplied = !onlyOverrides && key.executables.contains(executable)
            guard isApplied || entry.keys.contains(key.name) else { return nil }
            return (LimitNames.external(of: key), value(of: key, text(key, entry.limits)))
        }
    }

    private func text(_ key: ConfigurationKey, _ limits: LimitsSettings) -> String {
        var settings = ServiceSettings(defaultsFor: executable)
        settings.limits = limits
        return key.text(settings)
    }

    private func value(of key: ConfigurationKey, _ text: String) -> Value {
        if key.isStructured { return .json(text) }
        if key.isList { return .list(text.split(separator: ",").map(String.init)) }
        if key.isBoolean, let flag = Bool(text) { return .boolean(flag) }
        guard key.isNumber, let number = Int(text) else { return .text(text) }
        return .number(number)
    }
}
