// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.NetworkRenewal;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews at any EST server, with the certificate in use, expired or not. The request repeats its subject and names, as RFC 7030, section
 * 4.2.2, wants it. The server's certificates replace the trust anchors, so that a change of authority is followed.
 */
public final class EstRenewal implements NetworkRenewal {

    /** Before the name of a credential: an invitation's id has no dash. */
    private static final String PENDING = "renewal-";

    private static final Logger LOG = LoggerFactory.getLogger(EstRenewal.class);

    /** For the service loader. */
    public EstRenewal() {}

    @Override
    public void renew(
            Store store, String name, RenewalSource source, X509Certificate outdated, Surroundings surroundings) {
        store.renewing(() -> {
            Path directory = store.credential(name);
            Credential own = Credential.load(directory);
            X509Certificate leaf = own.chain().leaf();
            if (leaf.equals(outdated)) {
                renew(store, name, source, own, surroundings);
            }
            return name;
        });
    }

    private static void renew(
            Store store, String name, RenewalSource source, Credential own, Surroundings surroundings) {
        store.requireWritable(name);
        TrustAnchors known = TrustAnchors.load(store.credential(name).resolve(TrustAnchors.FILE));
        EstClient client = client(source, own, known, surroundings);
        X509Certificate leaf = own.chain().leaf();
        RequestedKey key = source.rekey()
                ? newKey(store, name, leaf, surroundings)
                : RequestedKey.of(own.privateKey(), leaf.getPublicKey());
        List<X509Certificate> authorities = client.caCertificates();
        X509Certificate renewed = client.reenrol(key.requestLike(leaf), key.publicKey());
        Issuance issuance =
                Issuances.check(source.est(), renewed, authorities, known.certificates(), surroundings.clock());
        store.install(name, issuance, key.pem(), source);
        PendingKey.forget(store, PENDING + name);
        surroundings
                .audit()
                .record(new AuditEvent.CertificateRenewed(surroundings.clock().instant(), name, issuance.chain()));
        try {
            fetch(client, store, source, surroundings);
        } catch (RuntimeException e) {
            LOG.warn("the CRL is not fetched yet: {}", e.getMessage());
        }
    }

    /** Kept until its certificate is here: a server that answers later, or an answer that was lost, needs the same request again. */
    private static RequestedKey newKey(Store store, String name, X509Certificate leaf, Surroundings surroundings) {
        Supplier<RequestedKey> generated = () -> RequestedKey.generateLike(leaf.getPublicKey(), surroundings.random());
        RequestedKey kept =
                PendingKey.in(store, PENDING + name, generated, name).key();
        if (!kept.publicKey().equals(leaf.getPublicKey())) {
            return kept;
        }
        PendingKey.forget(store, PENDING + name); // a renewal was killed between its last two steps
        return PendingKey.in(store, PENDING + name, generated, name).key();
    }

    @Override
    public void refreshRevocationLists(Store store, String name, RenewalSource source, Surroundings surroundings) {
        if (source.crl().isPresent()) {
            Credential own = Credential.load(store.credential(name));
            TrustAnchors known = TrustAnchors.load(store.credential(name).resolve(TrustAnchors.FILE));
            fetch(client(source, own, known, surroundings), store, source, surroundings);
        }
    }

    private static void fetch(EstClient client, Store store, RenewalSource source, Surroundings surroundings) {
        source.crl()
                .ifPresent(address -> client.get(address)
                        .ifPresent(fetched -> FetchedLists.put(
                                store, address, fetched, surroundings.clock().instant())));
    }

    private static EstClient client(
            RenewalSource source, Credential own, TrustAnchors known, Surroundings surroundings) {
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(known), surroundings.clock());
        return EstClient.verified(source.est(), Optional.of(own), verifier);
    }
}
