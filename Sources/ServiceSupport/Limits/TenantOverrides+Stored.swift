/// What the store has for tenants: read, and changed.
extension TenantOverrides {
    /// What becomes of a tenant's limits by the overrides API.
    public enum Edit: Sendable, Equatable {
        /// The limits of a JSON object are set, those with null are taken back; the others stay.
        case merge(json: String)
        /// Every limit is taken back that may be changed.
        case removeAll
        /// All is as in an earlier document.
        case restore(OverridesDocument)
    }

    /// Puts a document of the store in force.
    ///
    /// What a later version of this program has written, and this one does not know, is left out.
    ///
    /// - Returns: What was left out, one text for each limit; with a document that cannot be read, the limits before stay.
    public mutating func setStored(
        _ json: String,
        version: Int64,
        of tenant: String
    ) -> [String] {
        let document: OverridesDocument
        do throws(OverridesRefusal) {
            document = try OverridesDocument(json: json)
        } catch {
            // Its version is remembered, so that a change is made from it.
            setStored(Stored(version: version, texts: stored[tenant]?.texts ?? [:]), of: tenant)
            return [error.description]
        }
        var texts: [String: String] = [:]
        var refused: [String] = []
        var settings = scratch(defaults)
        for (name, value) in document.values.sorted(by: { $0.key < $1.key }) {
            do throws(OverridesRefusal) {
                let key = try Self.key(named: name)
                texts[key.name] = try Self.assign(value, to: key, named: name, in: &settings)
            } catch {
                refused.append(error.description)
            }
        }
        setStored(Stored(version: version, texts: texts), of: tenant)
        return refused
    }

    /// Forgets what the store had for a tenant.
    public mutating func removeStored(of tenant: String) { setStored(nil, of: tenant) }

    /// Tenants for which the store has something.
    public var storedTenants: [String] { Array(stored.keys) }

    /// What the store is to have for a tenant after an edit.
    ///
    /// - Parameters:
    ///   - current: What it has now.
    ///   - isOperator: Whether every limit may be changed; else only those that the file names. Hard limits hold for all.
    /// - Throws: Why not, with limit, value and what is accepted; nothing of an edit is done then.
    public func document(
        of tenant: String,
        after edit: Edit,
        of current: OverridesDocument,
        isOperator: Bool = false
    ) throws(OverridesRefusal) -> OverridesDocument {
        var result = current
        switch edit {
        case .removeAll:
            result.values = result.values.filter { name, _ in
                !isOperator && !Self.isAllowed(name, by: policy)
            }
        case .merge(let json):
            try merge(OverridesDocument(json: json), into: &result, of: tenant)
            try requireAllowed(try Self.names(of: json), isOperator)
        case .restore(let earlier):
            let names = earlier.changes(from: current).map(\.name)
            try requireAllowed(names, isOperator)
            for name in names where earlier.values[name] == nil { result.values[name] = nil }
            var changed = OverridesDocument()
            for name in names { changed.values[name] = earlier.values[name] }
            try merge(changed, into: &result, of: tenant)
        }
        let size = result.json.utf8.count
        guard size <= OverridesDocument.maximumSize else {
            throw OverridesRefusal(
                "the tenant's limits would have \(size) bytes as JSON, limit "
                    + "\(OverridesDocument.maximumSize)"
            )
        }
        return result
    }

    private static func names(of json: String) throws(OverridesRefusal) -> [String] {
        try OverridesDocument(json: json).values.keys.sorted()
    }

    private func merge(
        _ changes: OverridesDocument,
        into document: inout OverridesDocument,
        of tenant: String
    ) throws(OverridesRefusal) {
        var seen: Set<String> = []
        var settings = scratch(defaults)
        for (name, value) in changes.values.sorted(by: { $0.key < $1.key }) {
            let key = try Self.key(named: name)
            guard seen.insert(key.name).inserted else {
                throw OverridesRefusal("limit \(name) is set again under another of its names")
            }
            for spelling in LimitNames.all(of: key) { document.values[spelling] = nil }
            if case .null = value { continue }
            let text = try Self.assign(value, to: key, named: name, in: &settings)
            if let most = policy.exceeded(by: text, key, of: tenant) {
                throw OverridesRefusal(
                    "limit \(name) exceeds hard limit: \(Self.shown(text, key)) > \(most)"
                )
            }
            document.values[LimitNames.external(of: key)] = try json(of: text, key, name)
        }
    }

    private static func shown(_ text: String, _ key: ConfigurationKey) -> String {
        text == "0" && OverridesPolicy.unlimitedAtZero.contains(key.name) ? "0 (no limit)" : text
    }

    private func requireAllowed(
        _ names: [String],
        _ isOperator: Bool
    ) throws(OverridesRefusal) {
        let refused = names.filter { !isOperator && !Self.isAllowed($0, by: policy) }
        guard refused.isEmpty else {
            throw OverridesRefusal(
                "the following limits cannot be modified via the overrides API: "
                    + refused.map(Self.short).joined(separator: ", ")
                    + "; those that can are listed in apiAllowedLimits of the overrides file"
            )
        }
    }

    private static func isAllowed(_ name: String, by policy: OverridesPolicy) -> Bool {
        LimitNames.key(named: name).map { policy.allowed.contains($0.name) } ?? false
    }

    private static func key(named name: String) throws(OverridesRefusal) -> ConfigurationKey {
        guard let key = LimitNames.key(named: name) else {
            let suggestion = Suggestion.closest(to: name, among: LimitNames.spellings)
            throw OverridesRefusal(
                "unknown limit \(short(name))" + (suggestion.map { "; did you mean \($0)?" } ?? "")
            )
        }
        return key
    }

    /// Checks a value by putting it into settings.
    ///
    /// - Returns: It, as the configuration writes it.
    private static func assign(
        _ value: JSONValue,
        to key: ConfigurationKey,
        named name: String,
        in settings: inout ServiceSettings
    ) throws(OverridesRefusal) -> String {
        func refusal(_ reason: String) -> OverridesRefusal {
            OverridesRefusal("limit \(name): \(short(value.text)) is refused: \(reason)")
        }
        guard let text = text(of: value, for: key) else {
            throw refusal("expected \(key.expectation)")
        }
        do throws(ValueRefusal) {
            try key.assign(text, &settings)
        } catch {
            throw refusal(error.reason)
        }
        return key.text(settings)
    }

    /// A value as the configuration writes it; nil where it has another form than the limit.
    private static func text(of value: JSONValue, for key: ConfigurationKey) -> String? {
        switch value {
        case .array(let values):
            if key.isStructured { return value.quotingWords()?.text }
            let words = values.compactMap(\.word)
            return key.isList && words.count == values.count ? words.joined(separator: ",") : nil
        // A whole list as one text would be YAML from outside.
        default: return key.isStructured ? nil : value.word
        }
    }

    /// A right value for the store.
    private func json(
        of text: String,
        _ key: ConfigurationKey,
        _ name: String
    ) throws(OverridesRefusal) -> JSONValue {
        switch value(of: key, text) {
        case .number(let number): return .integer(Int64(number))
        case .boolean(let flag): return .boolean(flag)
        case .text(let text): return .string(text)
        case .list(let words): return .array(words.map(JSONValue.string))
        case .json(let text):
            do {
                return try JSONValue(parsing: text)
            } catch {
                throw OverridesRefusal("limit \(name): \(Self.short(text)) cannot be written")
            }
        }
    }
}
