/// The limits of single tenants: those of the file, and over them those that the store has.
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

    /// Where a tenant's value of a limit comes from.
    public enum Source: String, Sendable, Equatable {
        /// The configuration of this process, or what is built in.
        case standard = "default"
        case file
        /// The overrides API.
        case api
        /// The overrides API, which asked for more than the file allows.
        case hardLimit = "hard_limit"
    }

    /// One limit of a tenant.
    public struct ShownLimit: Sendable, Equatable {
        /// In the spelling of Cortex.
        public var name: String
        public var value: Value
        public var source: Source
    }

    /// What one tenant has of its own.
    struct Entry: Sendable, Equatable {
        /// All limits of the tenant, the defaults included.
        var limits: LimitsSettings
        /// Names of the keys that are set for it, such as `limits.lateWindow`.
        var keys: Set<String>
        /// Of these, those that come from the store.
        var sources: [String: Source] = [:]
    }

    /// What the store has for one tenant, as far as it is understood.
    struct Stored: Sendable, Equatable {
        var version: Int64
        /// Right values as text, by name of the key.
        var texts: [String: String]
    }

    /// What holds for every other tenant.
    public let defaults: LimitsSettings
    /// The bytes that were read, to tell a change; nil without a file.
    let content: [UInt8]?
    let policy: OverridesPolicy
    /// What the file has.
    private let fileEntries: [String: Entry]
    /// What is in force.
    private(set) var entries: [String: Entry]
    /// What the store has, by tenant.
    private(set) var stored: [String: Stored] = [:]
    private let executable: Executable

    /// No tenant has limits of its own.
    init(defaults: ServiceSettings, executable: Executable) {
        self.init(defaults: defaults, executable: executable, content: nil, entries: [:])
    }

    init(
        defaults: ServiceSettings,
        executable: Executable,
        content: [UInt8]?,
        entries: [String: Entry],
        policy: OverridesPolicy = OverridesPolicy()
    ) {
        self.defaults = defaults.limits
        self.executable = executable
        self.content = content
        self.policy = policy
        fileEntries = entries
        self.entries = entries
    }

    /// The version of what the store has for a tenant; 0 where that is nothing.
    public func storedVersion(of tenant: String) -> Int64 { stored[tenant]?.version ?? 0 }

    /// Puts what the store has for a tenant in force, over what the file has.
    ///
    /// - Parameter new: nil where the store has nothing any more.
    mutating func setStored(_ new: Stored?, of tenant: String) {
        stored[tenant] = new
        combine(tenant)
    }

    /// Takes over what the store has from overrides of an earlier file.
    public mutating func takeStored(of earlier: TenantOverrides) {
        stored = earlier.stored
        for tenant in stored.keys { combine(tenant) }
    }

    private mutating func combine(_ tenant: String) {
        guard let own = stored[tenant], !own.texts.isEmpty else {
            entries[tenant] = fileEntries[tenant]
            return
        }
        var entry = fileEntries[tenant] ?? Entry(limits: defaults, keys: [])
        var settings = scratch(entry.limits)
        for key in LimitNames.keys {
            guard let text = own.texts[key.name] else { continue }
            let limit = policy.exceeded(by: text, key, of: tenant)
            do throws(ValueRefusal) {
                try key.assign(limit ?? text, &settings)
            } catch {
                preconditionFailure("\(key.name) \"\(text)\" was right and is not: \(error.reason)")
            }
            entry.keys.insert(key.name)
            entry.sources[key.name] = limit == nil ? .api : .hardLimit
        }
        entry.limits = settings.limits
        entries[tenant] = entry
    }

    /// Settings through which keys read and write limits.
    func scratch(_ limits: LimitsSettings) -> ServiceSettings {
        var settings = ServiceSettings(defaultsFor: executable)
        settings.limits = limits
        return settings
    }

    /// All limits of each tenant that has some of its own, by tenant.
    public var limits: [String: LimitsSettings] { entries.mapValues(\.limits) }

    /// All limits of a tenant that has some of its own.
    public func limits(of tenant: String) -> LimitsSettings? { entries[tenant]?.limits }

    /// What is set for single tenants, in the form of the file; comments say what is not from the file.
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
                    "    \($0.nameInSection): \(YAMLScalar.text(self.text($0, entry.limits)))"
                        + comment(on: $0, of: tenant, entry) + "\n"
                }
            guard !lines.isEmpty else { continue }
            text += "  \(YAMLScalar.text(tenant)):\n" + lines.joined()
        }
        return (text.isEmpty ? "overrides: {}\n" : "overrides:\n" + text) + policy.yaml
    }

    private func comment(on key: ConfigurationKey, of tenant: String, _ entry: Entry) -> String {
        switch entry.sources[key.name] {
        case .api: "  # overrides API, version \(storedVersion(of: tenant))"
        case .hardLimit:
            "  # hard limit; version \(storedVersion(of: tenant)) of the overrides API has more"
        case nil, .standard, .file: ""
        }
    }

    /// The limits of a tenant, under the names that Cortex gives them.
    ///
    /// Those that this executable applies, and those that are set for the tenant: what holds in other executables
    /// for all tenants, this one does not know.
    ///
    /// - Parameter onlyOverrides: Leaves out what is not set for the tenant.
    public func values(of tenant: String, onlyOverrides: Bool) -> [ShownLimit] {
        let entry = entries[tenant] ?? Entry(limits: defaults, keys: [])
        return LimitNames.keys.compactMap { key in
            let isApplied = !onlyOverrides && key.executables.contains(executable)
            let isSet = entry.keys.contains(key.name)
            guard isApplied || isSet else { return nil }
            return ShownLimit(
                name: LimitNames.external(of: key),
                value: value(of: key, text(key, entry.limits)),
                source: entry.sources[key.name] ?? (isSet ? .file : .standard)
            )
        }
    }

    private func text(_ key: ConfigurationKey, _ limits: LimitsSettings) -> String {
        key.text(scratch(limits))
    }

    /// A right value of a key for programs.
    func value(of key: ConfigurationKey, _ text: String) -> Value {
        if key.isStructured { return .json(text) }
        if key.isList { return .list(text.split(separator: ",").map(String.init)) }
        if key.isBoolean, let flag = Bool(text) { return .boolean(flag) }
        guard key.isNumber, let number = Int(text) else { return .text(text) }
        return .number(number)
    }
}
