// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.Issuers.Slot;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
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
 * removes the old one. Each step updates the credentials of the store by itself. Copy trust anchors
 * to other places again after the first and the last step.
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
                if (issuers.certificate(Slot.PREVIOUS).isPresent()
                        && !outdated().isEmpty()) {
                    return; // a process that was killed has begun it
                }
                throw new AuthorityException.Refused(
                        "no new authority is prepared",
                        Remedy.of(Verb.PREPARE_ROLLOVER) + " first, and wait until every peer trusts the new one");
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
            Optional<X509Certificate> previous = issuers.certificate(Slot.PREVIOUS);
            if (previous.isPresent()) {
                refuseWhileInUse(previous.get());
                issuers.drop(Slot.PREVIOUS);
            } else if (outdated().isEmpty()) {
                throw new AuthorityException.Refused(
                        "there is no previous authority to remove",
                        Remedy.of(Verb.SHOW_ROLLOVER) + " for the next step");
            }
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
     * @param authorities the certificates of the issuers there are: the current one, then the next or the one before
     * @param waiting the certificates that still need the authority before the current one; {@link #finish} is refused until they
     *     have expired or their credentials are renewed
     * @param outdated the credentials that the last step did not update, because its process was killed: their {@code ca.crt} holds
     *     other anchors. The same step again updates them
     */
    public record Status(Stage stage, List<X509Certificate> authorities, List<Issued> waiting, List<String> outdated) {

        /** Copies the lists. */
        public Status {
            authorities = List.copyOf(authorities);
            waiting = List.copyOf(waiting);
            outdated = List.copyOf(outdated);
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
            return new Status(stage, authorities, previous.map(this::inUse).orElse(List.of()), outdated());
        });
    }

    private TrustAnchors step(Runnable change) {
        return store.lock().alone(() -> {
            change.run();
            TrustAnchors anchors = new TrustAnchors(issuers.anchors());
            for (String name : outdated()) {
                StoredCredential stored = StoredCredential.read(store.credentialFiles(name), name);
                store.install(name, new Issuance(stored.chain(), anchors), stored.key());
            }
            lists.write();
            return anchors;
        });
    }

    /** Without those whose files are lost or damaged: what makes them again gives them the anchors too. */
    private List<String> outdated() {
        List<X509Certificate> anchors = issuers.anchors();
        return store.credentialNames().stream()
                .filter(name -> store.credentialFiles(name).isOurs() && !store.isIncomplete(name))
                .filter(name -> store.serialNumber(name).flatMap(journal::find).isPresent())
                .filter(name -> !StoredCredential.read(store.credentialFiles(name), name)
                        .anchors()
                        .equals(anchors))
                .toList();
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
                    "the previous authority is still needed by " + String.join(", ", inUse),
                    Remedy.of(Verb.SHOW_ROLLOVER) + " for how to renew each");
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
