// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.SwappedDirectory.Content;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the keys and certificates of a new authority, as files. */
final class NewIssuer {

    private NewIssuer() {}

    static Map<String, Content> files(
            AuthorityProfile profile, Issuers.Slot slot, Optional<Passphrase> passphrase, Surroundings surroundings) {
        Map<String, Content> files = new HashMap<>();
        Instant now = surroundings.now();
        boolean isRootOnly = profile.hierarchy() == Hierarchy.ROOT_ONLY;
        Issuer root = Issuer.root(
                subject(profile, "mcp-mtls root", isRootOnly ? 0 : 1), profile.key(), now, surroundings.random());
        Issuer issuer = root;
        if (!isRootOnly) {
            issuer = root.intermediate(
                    subject(profile, "mcp-mtls issuer", 0), profile.key(), now, surroundings.random());
            files.put(slot.file(Issuers.ROOT_KEY), secret(root.key(), passphrase, surroundings));
            files.put(slot.file(Issuers.ROOT_LIST), new Content.Open(emptyList(root, now, surroundings)));
        }
        files.put(slot.file(Issuers.PATH), new Content.Open(Pem.certificates(issuer.path())));
        files.put(slot.file(Issuers.KEY), secret(issuer.key(), passphrase, surroundings));
        return files;
    }

    private static Issuer.Subject subject(AuthorityProfile profile, String role, int pathLength) {
        return new Issuer.Subject(profile.trustDomain(), role, profile.lifetime(), pathLength);
    }

    /** Says for the root's whole life that it has revoked nothing: its key may soon be out of reach. */
    private static byte[] emptyList(Issuer root, Instant now, Surroundings surroundings) {
        Instant nextUpdate = root.certificate().getNotAfter().toInstant();
        return Pem.crl(root.revocationList(1, List.of(), now, nextUpdate, surroundings.random()));
    }

    private static Content secret(PrivateKey key, Optional<Passphrase> passphrase, Surroundings surroundings) {
        return new Content.Secret(passphrase
                .map(secret -> Pem.encryptedKey(key, secret, surroundings.random()))
                .orElseGet(() -> Pem.key(key)));
    }
}
