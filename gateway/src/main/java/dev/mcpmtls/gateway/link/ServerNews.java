// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The notifications of a server: to the client whose request they are about, or to all that share the link. Thread-safe. */
record ServerNews(Sharing sharing, Set<Member> members, InFlight inFlight) {

    void told(Notification notification, @Nullable Object about) {
        switch (notification.method()) {
            case "notifications/progress" -> progress(notification);
            case "notifications/resources/updated" -> updated(notification);
            case "notifications/message" -> {
                Optional<Pending> call = sharing == Sharing.EVERYBODY ? Optional.empty() : inFlight.about(about);
                if (call.isPresent()) {
                    call.get().outlet().pass(notification);
                } else if (sharing == Sharing.ONE_CLIENT) {
                    members.forEach(member -> member.tell(notification));
                }
            }
            default -> {
                Optional<Pending> call = about == null || notification.method().endsWith("list_changed")
                        ? Optional.empty()
                        : inFlight.about(about);
                call.ifPresentOrElse(
                        one -> one.outlet().pass(notification),
                        () -> members.forEach(member -> member.tell(notification)));
            }
        }
    }

    private void progress(Notification notification) {
        inFlight.of(notification.params().get("progressToken")).ifPresent(one -> {
            one.heard();
            Notification restored = one.progress(notification);
            if (restored != null) {
                one.outlet().pass(restored);
            }
        });
    }

    private void updated(Notification notification) {
        String uri = String.valueOf(notification.params().get("uri"));
        for (Member member : members) {
            // A server may name a part of what was subscribed to.
            if (sharing == Sharing.ONE_CLIENT || member.subscriptions().stream().anyMatch(uri::startsWith)) {
                member.tell(notification);
            }
        }
    }

    /** Tells the clients that everything may be different now. */
    void announceChanges(Response welcome) {
        Map<String, Object> capabilities = JsonRpcMessage.object(
                JsonRpcMessage.object(welcome.whole().get("result")).get("capabilities"));
        for (String kind : List.of("tools", "prompts", "resources")) {
            if (Boolean.TRUE.equals(
                    JsonRpcMessage.object(capabilities.get(kind)).get("listChanged"))) {
                Notification changed = Messages.notification("notifications/" + kind + "/list_changed", null);
                members.forEach(member -> member.tell(changed));
            }
        }
    }
}
