// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SignatureException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates the keys and certificates of issuers, as the files of one slot of {@link Issuers}. */
final class NewIssuer {

    private final AuthorityProfile profile;
    private final IssuerKeys keys;
    private final Surroundings surroundings;

    NewIssuer(AuthorityProfile profile, IssuerKeys keys, Surroundings surroundings) {
        this.profile = profile;
        this.keys = keys;
        this.surroundings = surroundings;
    }

    /** A new trust anchor, with its intermediate if the profile wants one. */
    Map<String, byte[]> root() {
        boolean isAlone = profile.hierarchy() == Hierarchy.ROOT_ONLY;
        Instant now = surroundings.now();
        IssuerKeys.New key =
                key(isAlone ? profile.token() : profile.token().map(it -> it.labelled(it.label() + "-root")));
        Issuer root = Issuer.root(subject("mcp-mtls root", isAlone ? 0 : 1), key, now, surroundings.random());
        key.named().accept(root.certificate());
        if (isAlone) {
            return files(root, key);
        }
        Map<String, byte[]> files = below(root);
        files.put(Issuers.ROOT_KEY, key.file());
        files.put(Issuers.ROOT_LIST, emptyList(root, now));
        return files;
    }

    /** A new intermediate. */
    Map<String, byte[]> below(Issuer root) {
        IssuerKeys.New key = key(profile.token());
        Issuer intermediate =
                root.intermediate(subject("mcp-mtls issuer", 0), key, surroundings.now(), surroundings.random());
        try {
            intermediate.certificate().verify(root.certificate().getPublicKey());
        } catch (InvalidKeyException | SignatureException e) {
            throw new AuthorityException.Refused(
                    "this is not the key of " + root.certificate().getSubjectX500Principal(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate of ours can be verified", e);
        }
        key.named().accept(intermediate.certificate());
        return files(intermediate, key);
    }

    private IssuerKeys.New key(Optional<Pkcs11Key> token) {
        return keys.create(profile.key(), token, surroundings.random());
    }

    private static Map<String, byte[]> files(Issuer issuer, IssuerKeys.New key) {
        Map<String, byte[]> files = new HashMap<>();
        files.put(Issuers.PATH, Pem.certificates(issuer.path()));
        files.put(Issuers.KEY, key.file());
        return files;
    }

    private Issuer.Subject subject(String role, int pathLength) {
        return new Issuer.Subject(profile.trustDomain(), role, profile.lifetime(), pathLength);
    }

    /** An empty CRL for the root's whole lifetime, because its key may soon be unavailable. */
    private byte[] emptyList(Issuer root, Instant now) {
        Instant nextUpdate = root.certificate().getNotAfter().toInstant();
        return Pem.crl(root.revocationList(1, List.of(), now, nextUpdate, surroundings.random()));
    }
}
