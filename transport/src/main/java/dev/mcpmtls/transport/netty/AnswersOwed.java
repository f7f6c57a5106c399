// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;

/** Counts an HTTP/1.1 connection's requests that have arrived whole and whose responses have not left yet. Stands behind the codec. */
final class AnswersOwed extends ChannelDuplexHandler {

    private final Runnable answered;
    private int owed;
    private boolean interim;

    /**
     * For one connection.
     *
     * @param answered runs on its event loop whenever a response has been given to the system, or has failed
     */
    AnswersOwed(Runnable answered) {
        this.answered = answered;
    }

    /** Whether any request waits for its response. */
    boolean any() {
        return owed > 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof LastHttpContent) {
            owed++;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse response) {
            interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }
        ChannelPromise written = promise.unvoid();
        if (message instanceof LastHttpContent && !interim) {
            written.addListener(left -> {
                owed--;
                answered.run();
            });
        }
        var unused = context.write(message, written);
    }
}
