// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store its credential with a token. The key is made here and stays here. The authority is verified by the token's fingerprint
 * before the secret leaves. The same token finishes an interrupted run: the key is kept until the credential is in the store. While the
 * invitation is valid, the authority gives the same key another certificate without counting another use.
 */
public final class Join {

    private static final Logger LOG = LoggerFactory.getLogger(Join.class);

    /** The points at which a run can be interrupted, in order. */
    enum Step {
        KEY_KEPT,
        AUTHORITY_VERIFIED,
        ENROLLED,
        CHECKED,
        INSTALLED,
        LISTS_WRITTEN,
        KEY_FORGOTTEN
    }

    /**
     * The outcome.
     *
     * @param credential its name in the store
     * @param authority where it is renewed
     * @param isNew false when an earlier run with the same token had finished
     */
    public record Joined(String credential, Chain chain, URI authority, boolean isNew) {}

    private final Store store;
    private final JoinToken token;
    private final String name;
    private final KeyType type;
    private final Surroundings surroundings;
    private final Consumer<Step> reached;

    /**
     * Does nothing yet.
     *
     * @param name in the store, where it is not to be the granted one
     * @param type of the new key
     */
    public Join(Store store, JoinToken token, Optional<String> name, KeyType type, Surroundings surroundings) {
        this(store, token, name, type, surroundings, step -> {});
    }

    Join(
            Store store,
            JoinToken token,
            Optional<String> name,
            KeyType type,
            Surroundings surroundings,
            Consumer<Step> reached) {
        this.store = store;
        this.token = token;
        this.name = name.orElse(token.name());
        this.type = type;
        this.surroundings = surroundings;
        this.reached = reached;
    }

    /**
     * Joins, or finishes what an earlier run began.
     *
     * @throws EnrolmentException when no certificate came; the message says whether the token can be used again
     * @throws dev.mcpmtls.authority.AuthorityException when the store cannot be used
     */
    public Joined run() {
        store.requireOwn();
        requireRoom();
        return store.renewing(() -> finished().map(this::completed).orElseGet(this::enrol));
    }

    private void requireRoom() {
        if (store.hasAuthority()) {
            throw new EnrolmentException.NoRoom(
                    store.directory() + " has an authority of its own",
                    Remedy.of("choose another directory with ").then(Setting.STORE));
        }
        if (store.holds(name) && store.renewalSource(name).isEmpty()) {
            throw new EnrolmentException.NoRoom(
                    store.credential(name) + " exists and did not come over the network, so it stays as it is",
                    Remedy.of("choose another name for the credential here"));
        }
        store.requireWritable(name);
    }

    /** The credential that this token has brought already. */
    private Optional<String> finished() {
        return store.credentialNames().stream()
                .filter(other -> store.renewalSource(other)
                        .flatMap(RenewalSource::invitation)
                        .filter(token.id()::equals)
                        .isPresent())
                .findFirst();
    }

    private Joined completed(String credential) {
        Chain chain = Chain.load(store.credential(credential).resolve("tls.crt"));
        TrustAnchors anchors = TrustAnchors.load(store.credential(credential).resolve(TrustAnchors.FILE));
        finish(EstClient.verified(token.authority(), Optional.empty(), strict(anchors)));
        return new Joined(credential, chain, token.authority(), false);
    }

    private Joined enrol() {
        PendingKey pending = PendingKey.in(
                store, token.id(), () -> RequestedKey.generate(type, surroundings.random()), token.name());
        reached.accept(Step.KEY_KEPT);
        X509Certificate anchor = anchor();
        EstClient client =
                EstClient.verified(token.authority(), Optional.empty(), strict(new TrustAnchors(List.of(anchor))));
        List<X509Certificate> authorities = client.caCertificates();
        reached.accept(Step.AUTHORITY_VERIFIED);
        X509Certificate leaf =
                client.enrol(pending.request(), token, pending.key().publicKey());
        reached.accept(Step.ENROLLED);
        Issuance issuance =
                Issuances.check(token.authority(), leaf, authorities, List.of(anchor), surroundings.clock());
        reached.accept(Step.CHECKED);
        store.install(name, issuance, pending.key().pem(), source());
        reached.accept(Step.INSTALLED);
        finish(client);
        return new Joined(name, issuance.chain(), token.authority(), true);
    }

    /** The steps that remain once the credential is in the store. The renewal fetches the CRLs too, so a failure is only logged. */
    private void finish(EstClient client) {
        try {
            client.get(lists())
                    .ifPresent(fetched -> FetchedLists.put(
                            store, lists(), fetched, surroundings.clock().instant()));
        } catch (RuntimeException e) {
            LOG.warn("the CRL is not fetched yet: {}", e.getMessage());
        }
        reached.accept(Step.LISTS_WRITTEN);
        PendingKey.forget(store, token.id());
        reached.accept(Step.KEY_FORGOTTEN);
    }

    /** The trust anchor with the token's fingerprint, from a server that is not verified yet. */
    private X509Certificate anchor() {
        List<X509Certificate> offered = EstClient.unverified(token.authority()).caCertificates();
        return Issuances.anchors(offered).stream()
                .filter(it -> PublicKeyPin.of(it.getPublicKey()).equals(token.pin()))
                .findFirst()
                .orElseThrow(() -> new EnrolmentException.NotTheAuthority(
                        "the server at " + token.authority()
                                + " is not the authority that made the token: its key is another one, and nothing was sent to it",
                        "find out which server answers there, and ask the authority's operator for a new invitation"));
    }

    private ChainVerifier strict(TrustAnchors anchors) {
        return new ChainVerifier(TrustPolicy.strict(anchors), surroundings.clock());
    }

    private RenewalSource source() {
        return new RenewalSource(token.authority(), Optional.of(lists()), Optional.of(token.id()), false);
    }

    private URI lists() {
        return token.authority().resolve("/crl.pem");
    }
}
