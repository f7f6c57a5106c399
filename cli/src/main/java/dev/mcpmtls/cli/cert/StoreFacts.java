// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.Pkcs11Key;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.runtime.ConfiguredTrust;
import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Facts that all credentials of a store share: where its authority's key is, and the trust anchors that they are used with. */
record StoreFacts(Console console, Settings settings) {

    /** The token with the authority's key; empty when that is in a file. */
    Optional<String> token() {
        return Store.at(settings.get(Keys.DIR)).token().map(Pkcs11Key::toString);
    }

    /** The trust anchors, and the names they may vouch for. */
    List<AnchorEntry> anchors() {
        return settings.get(TlsKeys.TRUST_ANCHORS);
    }

    /** Prints what is not as usual. */
    void print() {
        token().ifPresent(token -> console.print("the authority signs with " + token));
        if (anchors().size() > 1 || anchors().stream().anyMatch(AnchorEntry::isBound)) {
            anchors().forEach(this::print);
        }
    }

    private void print(AnchorEntry entry) {
        String names = entry.names().stream().map(NamePattern::text).collect(Collectors.joining(", "));
        boolean needsBinding = ConfiguredTrust.anchorsToBind(settings).contains(entry);
        console.print("trusts " + entry.file()
                + (entry.isBound() ? " for " + names : needsBinding ? ", which should be bound" : ""));
    }
}
