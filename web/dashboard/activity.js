// How many panels wait for their data.

export class Activity {
    waiting = 0;
    /** @type {Set<(busy: boolean) => void>} */
    followers = new Set();

    get busy() {
        return this.waiting > 0;
    }

    /** @param {number} count panels more, or fewer */
    change = (count) => {
        const before = this.busy;
        this.waiting += count;
        if (this.busy !== before) this.followers.forEach((follower) => follower(this.busy));
    };

    /**
     * @param {(busy: boolean) => void} follower told of every change between idle and busy
     * @returns {() => void} ends it
     */
    follow(follower) {
        this.followers.add(follower);
        follower(this.busy);
        return () => this.followers.delete(follower);
    }
}
