// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.Issuers.Slot;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Replaces an authority's keys without downtime. {@link #prepare} creates the new authority and adds it to the trust anchors of
 * all peers. Once all peers trust it, {@link #switchOver} lets it sign. Once all certificates are renewed, {@link #finish}
 * removes the old one. Each step updates the credentials of the store by itself; trust anchors that were copied elsewhere have
 * to be copied again after the first and the last step.
 */
public final class Rollover {

    private final Store store;
    private final Issuers issuers;
    private final Journal journal;
    private final RevocationLists lists;
    private final Surroundings surroundings;

    Rollover(Store store, Issuers issuers, Journal journal, RevocationLists lists, Surroundings surroundings) {
        this.store = store;
        this.issuers = issuers;
        this.journal = journal;
        this.lists = lists;
        this.surroundings = surroundings;
    }

    /**
     * Creates the next authority, unless one is prepared already, and adds its anchor to every credential.
     *
     * @return the anchors that all peers should trust from now on
     */
    public TrustAnchors prepare(AuthorityProfile profile) {
        return step(() -> {
            if (issuers.certificate(Slot.NEXT).isEmpty()) {
                refuseHalfWay();
                issuers.add(Slot.NEXT, profile, surroundings);
            }
        });
    }

    /**
     * Lets the prepared authority sign from now on.
     *
     * @throws AuthorityException.Refused when none is prepared
     */
    public TrustAnchors switchOver() {
        return step(() -> {
            if (issuers.certificate(Slot.NEXT).isEmpty()) {
                throw new AuthorityException.Refused(
                        "no new authority is prepared; prepare one, and let all peers trust it first");
            }
            issuers.move(Map.of(Slot.CURRENT, Slot.PREVIOUS, Slot.NEXT, Slot.CURRENT));
        });
    }

    /**
     * Signs a new intermediate with the root's key, and lets it sign from now on. The anchor stays, so nothing has to be prepared.
     *
     * @param rootKey the present location of the root's key; read, not kept
     * @throws AuthorityException.Refused when there is no intermediate, or the key is not the root's
     */
    public TrustAnchors replaceIntermediate(Path rootKey, AuthorityProfile profile) {
        return step(() -> {
            refuseHalfWay();
            issuers.replaceIntermediate(rootKey, profile, surroundings);
        });
    }

    /**
     * Removes the previous authority, its key and its anchor.
     *
     * @throws AuthorityException.Refused when there is none, or while certificates of it are still in use
     */
    public TrustAnchors finish() {
        return step(() -> {
            X509Certificate previous = issuers.certificate(Slot.PREVIOUS)
                    .orElseThrow(() -> new AuthorityException.Refused("there is no previous authority to remove"));
            refuseWhileInUse(previous);
            issuers.drop(Slot.PREVIOUS);
        });
    }

    /** The phase of a change of authority. */
    public enum Stage {
        /** No change is in progress. */
        NONE,
        /** The next authority is trusted and does not sign yet. */
        PREPARED,
        /** The current authority signs; the previous one is still trusted. */
        SWITCHED
    }

    /**
     * The progress of a change of authority.
     *
     * @param authorities the issuers' certificates: the current one, then the next or the previous one
     * @param waiting the certificates that still need the previous authority; {@link #finish} is refused until they have expired or
     *     their credentials are renewed
     */
    public record Status(Stage stage, List<X509Certificate> authorities, List<Issued> waiting) {

        /** Copies the lists. */
        public Status {
            authorities = List.copyOf(authorities);
            waiting = List.copyOf(waiting);
        }
    }

    /** The progress of the change. Needs no passphrase. */
    public Status status() {
        return store.lock().alone(() -> {
            Optional<X509Certificate> previous = issuers.certificate(Slot.PREVIOUS);
            List<X509Certificate> authorities = Stream.of(Slot.values())
                    .flatMap(slot -> issuers.certificate(slot).stream())
                    .toList();
            Stage stage = previous.isPresent()
                    ? Stage.SWITCHED
                    : issuers.certificate(Slot.NEXT).isPresent() ? Stage.PREPARED : Stage.NONE;
            return new Status(stage, authorities, previous.map(this::inUse).orElse(List.of()));
        });
    }

    private TrustAnchors step(Runnable change) {
        return store.lock().alone(() -> {
            change.run();
            TrustAnchors anchors = new TrustAnchors(issuers.anchors());
            for (String name : store.credentialNames()) {
                distribute(name, anchors);
            }
            lists.write();
            return anchors;
        });
    }

    private void distribute(String name, TrustAnchors anchors) {
        if (!store.credentialFiles(name).isOurs()) {
            return;
        }
        StoredCredential stored = StoredCredential.read(store.credentialFiles(name), name);
        if (journal.find(stored.serialNumber()).isPresent() && !stored.anchors().equals(anchors.certificates())) {
            store.install(name, new Issuance(stored.chain(), anchors), stored.key());
        }
    }

    private void refuseHalfWay() {
        Optional<X509Certificate> previous = issuers.certificate(Slot.PREVIOUS);
        if (previous.isPresent()) {
            throw new AuthorityException.Refused("a change of authority is in progress: finish it first, so that "
                    + previous.get().getSubjectX500Principal() + " can be removed");
        }
    }

    private void refuseWhileInUse(X509Certificate previous) {
        List<String> inUse = inUse(previous).stream()
                .map(issued -> issued.credential() + " (until " + issued.notAfter() + ")")
                .toList();
        if (!inUse.isEmpty()) {
            throw new AuthorityException.Refused(
                    "the previous authority is still needed by " + String.join(", ", inUse) + "; renew them first");
        }
    }

    private List<Issued> inUse(X509Certificate previous) {
        Instant now = surroundings.now();
        String id = Issuer.id(previous);
        return stillPresented().stream()
                .filter(issued -> issued.issuer().equals(id) && now.isBefore(issued.notAfter()))
                .toList();
    }

    /**
     * The latest certificate of each name. When the anchor stays, all certificates, revoked ones included: peers trust them
     * until they expire, and only the previous issuer can revoke them.
     */
    private Collection<Issued> stillPresented() {
        if (issuers.anchors().size() == 1) {
            return journal.issued();
        }
        Map<String, Issued> latest = new LinkedHashMap<>();
        journal.issued().forEach(issued -> latest.put(issued.credential(), issued));
        return latest.values().stream()
                .filter(issued -> issued.revocation().isEmpty())
                .toList();
    }
}
