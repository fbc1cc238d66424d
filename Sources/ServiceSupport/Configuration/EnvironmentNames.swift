/// Which `ENGRAM_…` variables are ours.
enum EnvironmentNames {
    /// Refuses the first variable, by name, that starts with `ENGRAM_` and belongs to no key.
    static func check(_ environment: [String: String]) throws(ConfigurationError) {
        let known = Set(ConfigurationKey.all.map(\.environmentVariable))
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("ENGRAM_") && !known.contains(name) {
            guard !isServiceLink(name, value) else { continue }
            throw .unknownVariable(
                name: name,
                suggestion: Suggestion.closest(to: name, among: known.sorted())
            )
        }
    }

    /// Whether Kubernetes put a variable there because a service is called `engram` or `engram-…`.
    ///
    /// It sets `<SERVICE>_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_<NAME>`, `…_PORT` and
    /// `…_PORT_<NUMBER>_TCP…` in every container of the namespace.
    static func isServiceLink(_ name: String, _ value: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        if let service = words.lastIndex(of: "SERVICE"), service >= 1, service + 1 < words.count {
            let last = words[service + 1]
            return last == "PORT" || (last == "HOST" && service + 2 == words.count)
        }
        guard let port = words.lastIndex(where: { $0 == "PORT" && $0.startIndex > name.startIndex })
        else { return false }
        if port == words.count - 1 {
            // `…_PORT` itself, or the last word of `…_PORT_9009_TCP_PORT`.
            return value.hasPrefix("tcp://") || value.hasPrefix("udp://")
                || value.hasPrefix("sctp://")
                || (words.count >= 5 && isProtocolPart(words[(port - 3)...].dropLast()))
        }
        return isProtocolPart(words[port...])
            || (words.count > port + 3 && isProtocolPart(words[port...].dropLast())
                && ["PROTO", "ADDR"].contains(words[port + 3]))
    }

    /// Whether the words are `PORT`, a number and a protocol.
    private static func isProtocolPart(_ words: ArraySlice<Substring>) -> Bool {
        guard words.count == 3, words.first == "PORT", let transport = words.last else {
            return false
        }
        return Int(words[words.startIndex + 1]) != nil
            && ["TCP", "UDP", "SCTP"].contains(transport)
    }
}
