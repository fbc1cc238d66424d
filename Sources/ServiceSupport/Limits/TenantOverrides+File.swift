import Yams

extension TenantOverrides {
    /// Largest file that is read, bytes; some ten thousand tenants fit into a tenth of it.
    static let maxSize = 16 << 20
    /// Characters of the file's text that a message repeats.
    private static let quotedLength = 100

    /// Reads the file that the settings name; no overrides where they name none.
    static func load(
        _ settings: ServiceSettings,
        executable: Executable
    ) throws(ConfigurationError) -> TenantOverrides {
        let path = settings.overrides.file
        guard !path.isEmpty else {
            return TenantOverrides(defaults: settings, executable: executable)
        }
        return try TenantOverrides(
            path: path,
            bytes: ConfigurationFile.read(path, maxSize: maxSize),
            defaults: settings,
            executable: executable
        )
    }

    /// Checks the bytes of a file: `overrides:`, below it tenants, below each limits with their values; and what the
    /// overrides API may change.
    ///
    /// Values are read as those of the configuration are. Limits of other executables are checked too, so that one
    /// file serves every process of a cluster.
    ///
    /// - Parameters:
    ///   - path: For messages.
    ///   - defaults: What a tenant has where the file says nothing.
    /// - Throws: The first mistake; nothing of a file with one is taken.
    init(
        path: String,
        bytes: [UInt8],
        defaults: ServiceSettings,
        executable: Executable
    ) throws(ConfigurationError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .fileMalformed(path: path, reason: "not UTF-8 text")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw .fileMalformed(path: path, reason: ConfigurationFile.reason(of: error))
        } catch {
            throw .fileMalformed(path: path, reason: "\(error)")
        }
        var reading = Reading(path: path, defaults: defaults)
        if let root { try reading.takeRoot(root) }
        self.init(
            defaults: defaults,
            executable: executable,
            content: bytes,
            entries: reading.entries,
            policy: reading.policy
        )
    }

    /// The tenants while the file is walked through.
    private struct Reading {
        let path: String
        let defaults: ServiceSettings
        var entries: [String: Entry] = [:]
        var policy = OverridesPolicy()
        private var sections: Set<String> = []

        init(path: String, defaults: ServiceSettings) {
            self.path = path
            self.defaults = defaults
        }

        mutating func takeRoot(_ root: Node) throws(ConfigurationError) {
            for (name, node) in try pairs(of: root, "the file") {
                guard let section = FileSection.allCases.first(where: { $0.has(name.text) }) else {
                    throw .unknownKey(
                        key: name.text,
                        source: name.source,
                        suggestion: Suggestion.closest(
                            to: name.text,
                            among: FileSection.allCases.map(\.rawValue)
                        ) ?? FileSection.overrides.rawValue
                    )
                }
                guard sections.insert(section.rawValue).inserted else {
                    throw .repeatedKey(key: section.rawValue, source: name.source)
                }
                switch section {
                case .overrides:
                    for (tenant, limits) in try pairs(of: node, name.text) {
                        try checkTenant(tenant, name.text)
                        guard entries[tenant.text] == nil else {
                            throw .repeatedKey(
                                key: name.text + "." + tenant.text,
                                source: tenant.source
                            )
                        }
                        entries[tenant.text] = try entry(limits, name.text + "." + tenant.text)
                    }
                case .hardOverrides:
                    for (tenant, limits) in try pairs(of: node, name.text) {
                        try checkTenant(tenant, name.text)
                        policy.hardOverrides[tenant.text] = try hardLimits(
                            limits,
                            name.text + "." + tenant.text
                        )
                    }
                case .hardLimits: policy.hardLimits = try hardLimits(node, name.text)
                case .apiAllowedLimits: policy.allowed = try allowed(node, name)
                }
            }
        }

        private func checkTenant(_ tenant: Name, _ section: String) throws(ConfigurationError) {
            do throws(ValueRefusal) {
                _ = try ValueType<String>.tenant.parse(tenant.text)
            } catch {
                throw .invalidValue(
                    key: section,
                    value: TenantOverrides.short(tenant.text),
                    source: tenant.source,
                    reason: error.reason
                )
            }
        }

        /// - Parameter check: What else must hold for a limit.
        private func entry(
            _ limits: Node,
            _ prefix: String,
            check: (ConfigurationKey, Name, String) throws(ConfigurationError) -> Void = {
                (_, _, _) throws(ConfigurationError) in
            }
        ) throws(ConfigurationError) -> Entry {
            var settings = defaults
            var keys: Set<String> = []
            for (name, value) in try pairs(of: limits, prefix) {
                let place = prefix + "." + TenantOverrides.short(name.text)
                let key = try key(of: name, place)
                guard keys.insert(key.name).inserted else {
                    throw .repeatedKey(key: place, source: name.source)
                }
                try check(key, name, place)
                try assign(value, to: key, at: place, name.source, in: &settings)
            }
            return Entry(limits: settings.limits, keys: keys)
        }

        private func key(
            of name: Name,
            _ place: String
        ) throws(ConfigurationError) -> ConfigurationKey {
            guard let key = LimitNames.key(named: name.text) else {
                throw .unknownLimit(
                    key: place,
                    source: name.source,
                    suggestion: Suggestion.closest(to: name.text, among: LimitNames.spellings),
                    known: LimitNames.keys.map(\.nameInSection)
                )
            }
            return key
        }

        /// Values as text by name of the key.
        private func hardLimits(
            _ node: Node,
            _ prefix: String
        ) throws(ConfigurationError) -> [String: String] {
            let entry = try entry(node, prefix) { key, name, place throws(ConfigurationError) in
                guard !OverridesPolicy.isOrdered(key) else { return }
                throw .invalidValue(
                    key: place,
                    value: key.nameInSection,
                    source: name.source,
                    reason: "only numbers and durations have a greatest value"
                )
            }
            var settings = defaults
            settings.limits = entry.limits
            return LimitNames.keys.reduce(into: [:]) { texts, key in
                if entry.keys.contains(key.name) { texts[key.name] = key.text(settings) }
            }
        }

        /// A list of limits, or `"*"` for all of them.
        private func allowed(
            _ node: Node,
            _ section: Name
        ) throws(ConfigurationError) -> Set<String> {
            if ConfigurationFile.isNull(node) { return [] }
            guard let sequence = node.sequence else {
                throw .invalidValue(
                    key: section.text,
                    value: node.scalar?.string ?? "a mapping",
                    source: section.source,
                    reason: "expected a list of limits, or [\"*\"] for all"
                )
            }
            var names: Set<String> = []
            for word in sequence {
                let source = ValueSource.file(path: path, line: word.mark?.line ?? 0)
                let text = word.scalar?.string ?? ""
                guard text != "*" else {
                    names.formUnion(LimitNames.keys.map(\.name))
                    continue
                }
                let place = section.text + "." + TenantOverrides.short(text)
                names.insert(try key(of: Name(text: text, source: source), place).name)
            }
            return names
        }

        private func assign(
            _ node: Node,
            to key: ConfigurationKey,
            at place: String,
            _ source: ValueSource,
            in settings: inout ServiceSettings
        ) throws(ConfigurationError) {
            guard let text = text(of: node, for: key) else {
                let form = node.scalar == nil ? node.sequence == nil ? "a mapping" : "a list" : ""
                throw .invalidValue(
                    key: place,
                    value: form,
                    source: source,
                    reason: "expected \(key.expectation)"
                )
            }
            do throws(ValueRefusal) {
                try key.assign(text, &settings)
            } catch {
                throw .invalidValue(
                    key: place,
                    value: TenantOverrides.short(text),
                    source: source,
                    reason: error.reason
                )
            }
        }

        /// A value as the other sources of the configuration have it; nil where it has another form.
        private func text(of node: Node, for key: ConfigurationKey) -> String? {
            if key.isStructured {
                return ConfigurationFile.isNull(node) ? nil : StructuredValue.text(of: node)
            }
            if let words = node.sequence {
                guard key.isList else { return nil }
                let texts = words.compactMap { $0.scalar?.string }
                return texts.count == words.count ? texts.joined(separator: ",") : nil
            }
            guard let scalar = node.scalar, !ConfigurationFile.isNull(node) else { return nil }
            return scalar.string
        }

        /// A key of the file and its place.
        private struct Name {
            let text: String
            let source: ValueSource
        }

        /// The entries of a mapping; none where there is nothing below a name.
        private func pairs(
            of node: Node,
            _ place: String
        ) throws(ConfigurationError) -> [(name: Name, value: Node)] {
            if ConfigurationFile.isNull(node) { return [] }
            guard let mapping = node.mapping else {
                throw .fileMalformed(
                    path: path,
                    reason:
                        "line \(node.mark?.line ?? 0): expected names with values below \(place)"
                )
            }
            var pairs: [(name: Name, value: Node)] = []
            for (name, value) in mapping {
                let line = name.mark?.line ?? 0
                guard let text = name.scalar?.string else {
                    throw .fileMalformed(path: path, reason: "line \(line): a name is not a word")
                }
                let source = ValueSource.file(path: path, line: line)
                pairs.append((Name(text: text, source: source), value))
            }
            return pairs
        }
    }

    static func short(_ text: String) -> String {
        text.count <= quotedLength ? text : text.prefix(quotedLength) + "…"
    }
}

/// The sections of an overrides file; raw values are their names.
private enum FileSection: String, CaseIterable {
    case overrides
    case hardOverrides
    case hardLimits
    case apiAllowedLimits

    /// In the spelling of this project or that of Cortex.
    func has(_ name: String) -> Bool {
        if name == rawValue { return true }
        switch self {
        case .overrides: return false
        case .hardOverrides: return name == "hard_overrides"
        case .hardLimits: return name == "hard_limits"
        case .apiAllowedLimits: return name == "api_allowed_limits"
        }
    }
}
